#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace savepoint::git {

/// The patterns of one gitignore file (gitignore(5)): parsed once, then asked often. Names are
/// compared byte by byte, whatever core.ignoreCase says.
class IgnorePatterns {
public:
  /// Parses the bytes of an ignore file.
  explicit IgnorePatterns(std::string_view text);

  /// What the last pattern that matches says: true ignored, false kept (`!`), nothing if none does.
  /// `path` is relative to the directory of the ignore file, without a slash at either end.
  [[nodiscard]] std::optional<bool> match(std::string_view path, bool is_directory) const;
  [[nodiscard]] bool empty() const { return patterns_.empty(); }

private:
  enum class Form : std::uint8_t {
    literal, ///< No wildcard: compared.
    suffix,  ///< `*` followed by a literal: compared with the end of the name.
    wild,    ///< Anything else: matched.
  };
  struct Pattern {
    std::string text;               ///< Without `!` and without a slash at either end.
    std::size_t literal_length = 0; ///< How much of it comes before the first wildcard.
    Form form = Form::wild;
    bool negated = false;
    bool directories_only = false;
    bool anchored = false; ///< Has a slash that is not its last character: is about the whole path.

    [[nodiscard]] bool matches(std::string_view path, std::string_view name) const;
  };
  struct NameHash {
    using is_transparent = void;
    [[nodiscard]] std::size_t operator()(std::string_view name) const noexcept {
      return std::hash<std::string_view>{}(name);
    }
  };
  using Positions = std::vector<std::uint32_t>; // in patterns_, ascending
  using Table = std::unordered_map<std::string, Positions, NameHash, std::equal_to<>>;

  void add(std::string_view line);
  [[nodiscard]] const Pattern* look_up(const Table& table, std::string_view key,
                                       bool is_directory) const;

  std::vector<Pattern> patterns_;
  // Most patterns are found by looking up what they are compared with.
  Table names_;
  Table paths_;
  Table extensions_;
  Positions others_;
};

/// Matches `text` against a gitignore pattern with WM_PATHNAME rules: `*` and `?` stop at slashes,
/// `**` between slashes does not.
[[nodiscard]] bool wild_match(std::string_view pattern, std::string_view text);

/// The ignore rules in force in one directory: its own file, then those of the directories above,
/// then those of the whole tree. A chain that grows downwards; threads may share it.
class IgnoreRules {
public:
  /// The rules of a root. `global` are weakest first; `directory` is its path where it lies inside
  /// another root, from where paths are given.
  [[nodiscard]] static std::shared_ptr<const IgnoreRules> root(std::vector<IgnorePatterns> global,
                                                               std::string directory = {});
  /// The rules of a directory below, `directory` being its path from the root ("" for the root's
  /// own file).
  [[nodiscard]] static std::shared_ptr<const IgnoreRules>
  enter(std::shared_ptr<const IgnoreRules> parent, std::string directory, IgnorePatterns patterns);

  /// Whether `path` (from the root) is ignored by these rules. Only for names directly in the
  /// directory of these rules or where no ignore file lies between; whoever walks does not descend
  /// into ignored directories, as git does not.
  [[nodiscard]] bool ignores(std::string_view path, bool is_directory) const;

private:
  std::shared_ptr<const IgnoreRules> parent_;
  std::string directory_;
  std::vector<IgnorePatterns> patterns_; // strongest last
};

} // namespace savepoint::git
