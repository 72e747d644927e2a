#include "project/excludes.hpp"

#include "fs/files.hpp"

#include <filesystem>
#include <optional>

namespace savepoint::project {

std::vector<std::string> exclude_texts(const git::Repository& repository, const Context& context) {
  const auto found = context.environment.find("HOME");
  std::optional<std::filesystem::path> home;
  if (found != context.environment.end()) {
    home = found->second;
  }
  std::vector<std::string> texts;
  for (const std::filesystem::path& file : repository.exclude_files(home)) {
    if (const std::optional<Bytes> text = fs::read_file(file)) {
      texts.emplace_back(as_text(*text));
    }
  }
  return texts;
}

} // namespace savepoint::project
