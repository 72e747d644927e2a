#include "cli/npm_script.hpp"

#include "base/error.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace savepoint::cli {
namespace {

/// As npm spells them in the environment. Those that it has for itself as well, such as --only and
/// --tag, say nothing there about what was meant.
constexpr std::array<std::string_view, 20> k_taken{
    "yes",        "force",       "at",           "branch",      "with_config",
    "keep_extra", "partial",     "database",     "table",       "create_database",
    "disconnect", "confirm",     "snapshot",     "keep_last",   "keep_hourly",
    "keep_daily", "keep_weekly", "keep_monthly", "keep_yearly", "keep_within"};

bool is_script(const Session& session) {
  return session.environment.contains("npm_lifecycle_event");
}

bool is_given(const Session& session, const std::string& option) {
  return std::ranges::any_of(session.arguments, [&](const std::string& word) {
    return word == option || word.starts_with(option + "=") || (option == "--yes" && word == "-y");
  });
}

} // namespace

bool is_dry_run_of_npm(const Session& session) {
  return session.is_set("npm_config_dry_run");
}

void forget_dashes_of_pnpm(Session& session, Dashes dashes) {
  if (!is_script(session)) {
    return;
  }
  std::vector<std::string>& words = session.arguments;
  const auto found = std::ranges::find(words, "--");
  if (found != words.end() && (dashes == Dashes::anywhere || found == words.begin())) {
    words.erase(found);
  }
}

void refuse_options_taken_by_npm(const Session& session) {
  if (!is_script(session)) {
    return;
  }
  for (const std::string_view name : k_taken) {
    const auto told = session.environment.find("npm_config_" + std::string(name));
    if (told == session.environment.end() || told->second.empty() || told->second == "false") {
      continue;
    }
    std::string option = "--" + std::string(name);
    std::ranges::replace(option, '_', '-');
    // There is no --force of ours: who says that means yes.
    if (!is_given(session, option == "--force" ? "--yes" : option)) {
      throw UsageError("npm took the option " + option + " for itself",
                       "options go behind two dashes: npm run " +
                           session.environment.at("npm_lifecycle_event") + " -- ... " +
                           (option == "--force" ? "--yes" : option));
    }
  }
}

} // namespace savepoint::cli
