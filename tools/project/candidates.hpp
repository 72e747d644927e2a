#pragma once

#include "cli/session.hpp"

#include <string>
#include <vector>

namespace savepoint::tools {

/// A word that a command line may go on with.
struct Candidate {
  std::string word;
  std::string help; ///< May be empty.
};

// Instead of words: the shell itself knows best what there is.
inline constexpr const char* k_files = ":files";
inline constexpr const char* k_directories = ":directories";

/// What the last of `words` can become. They are those of a command line, without the program; the
/// last may be empty. Options and commands are those of `--help`; ids, tags and branches those of
/// the project, or of the store, that the words name.
[[nodiscard]] std::vector<Candidate> candidates_for(cli::Session& session,
                                                    const std::vector<std::string>& words);

} // namespace savepoint::tools
