#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace savepoint::npm {

/// A script of package.json that is changed; a text is empty where there is no script.
struct Changed {
  std::string name;
  std::string before;
  std::string after;
};

/// A script that is left as it is, and why.
struct Kept {
  std::string name;
  std::string why;
};

/// What is to become of a package.json.
struct Edit {
  std::string text; ///< All of it afterwards; what is not changed is the same to the byte.
  std::vector<Changed> added;
  std::vector<Changed> wrapped; ///< They run a migration, after a snapshot.
  std::vector<Changed> removed; ///< Added or wrapped before, and taken back.
  std::vector<Kept> kept;
};

/// Adds backup, restore and their like to the scripts of a package.json, and has those that migrate
/// a database run by `savepoint run`. A script that is there is never replaced, and running this
/// twice changes nothing.
///
/// Throws UsageError, in which `what` names the text, if it is no package.json.
[[nodiscard]] Edit add_scripts(std::string_view text, std::string_view what);

/// Takes back what `add_scripts` did, as far as nobody changed it since. Throws what that does.
[[nodiscard]] Edit remove_scripts(std::string_view text, std::string_view what);

} // namespace savepoint::npm
