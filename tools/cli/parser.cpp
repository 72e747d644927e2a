#include "cli/parser.hpp"

#include "base/nearest_word.hpp"
#include "base/printable.hpp"
#include "cli/text.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <iterator>
#include <system_error>
#include <utility>

#include <CLI/CLI.hpp>

namespace savepoint::cli {
namespace {

// The help text in other forms, for those who make pages and completions of it.
constexpr std::string_view k_manual_wanted = "--help=man";
constexpr std::string_view k_words_wanted = "--help=words";

/// "-m,--note" as its names: "-m", "--note".
std::vector<std::string> split_names(std::string_view names) {
  std::vector<std::string> parts;
  while (!names.empty()) {
    const std::size_t comma = std::min(names.find(','), names.size());
    parts.emplace_back(names.substr(0, comma));
    names.remove_prefix(std::min(comma + 1, names.size()));
  }
  return parts;
}

std::string longest_name(const std::string& names) {
  return split_names(names).back();
}

std::uint64_t parse_number(const std::string& name, const std::string& text) {
  std::uint64_t value = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end) {
    throw UsageError("cannot read " + name + " " + quoted(text) + ": not a whole number");
  }
  return value;
}

/// An argument without a name. CLI11 is not asked about these: it reads "[id].tsx" as a list.
struct Positional {
  std::string name;
  enum class Count { one, at_most_one, any } count;
  std::function<void(const std::vector<std::string>&)> take;
};

} // namespace

struct Parser::State {
  HelpPage page;
  CLI::App app;
  std::vector<HelpOption>* listing = &page.options;
  std::vector<std::string> known_names;
  std::vector<std::string> names_with_value;
  std::vector<Positional> positionals;
  std::vector<std::string>* behind = nullptr;
  bool help_wanted = false;
  bool version_wanted = false;

  using Take = std::function<void(const std::vector<std::string>&)>;

  CLI::Option* add(const std::string& names, const Take& take) {
    return app.add_option(names, CLI::callback_t([take](const CLI::results_t& values) {
                            take(values);
                            return true;
                          }),
                          "");
  }

  void add_valued(const std::string& names, const std::string& value, const std::string& text,
                  const Take& take) {
    CLI::Option* const option = add(names, take);
    option->type_size(1)->expected(1)->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    option->allow_extra_args(false);
    listing->push_back({split_names(names), value, text});
    for (const std::string& name : split_names(names)) {
      known_names.push_back(name);
      names_with_value.push_back(name);
    }
  }

  void add_positional(const std::string& name, const std::string& text, Positional::Count count,
                      const Take& take) {
    positionals.push_back({name, count, take});
    page.arguments.push_back({count == Positional::Count::any ? name + "..." : name, text});
  }

  /// Gives `--name=` its empty value, which CLI11 would take from the next argument. Returns where
  /// the "--" is that ends the options; others may be values.
  std::size_t split_values(std::vector<std::string>& words) const {
    std::size_t i = 0;
    for (; i < words.size() && words[i] != "--"; ++i) {
      const std::size_t equals = words[i].find('=');
      if (!words[i].starts_with("--")) {
        const bool takes_next = has_value(words[i]);
        i += takes_next ? 1 : 0;
      } else if (equals != std::string::npos && has_value(words[i].substr(0, equals))) {
        std::string value = words[i].substr(equals + 1);
        words[i].resize(equals);
        words.insert(words.begin() + static_cast<std::ptrdiff_t>(++i), std::move(value));
      } else if (has_value(words[i])) {
        ++i;
      }
    }
    return std::min(i, words.size());
  }

  [[nodiscard]] bool has_value(const std::string& name) const {
    return std::find(names_with_value.begin(), names_with_value.end(), name) !=
           names_with_value.end();
  }

  [[nodiscard]] std::string see_help() const { return "see '" + page.help.command + " --help'"; }

  [[noreturn]] void refuse_option(const std::string& word) const {
    const std::string name = word.substr(0, word.find('='));
    const std::vector<std::string_view> known(known_names.begin(), known_names.end());
    const std::string nearest = nearest_word(name, known);
    throw UsageError("there is no option " + quoted(name) + " of '" + page.help.command + "'",
                     nearest.empty() ? see_help() : "did you mean '" + nearest + "'?");
  }

  /// What may have been meant where there are more words than anybody waits for.
  [[nodiscard]] std::string hint_for_stray(const std::vector<std::string>& all,
                                           std::size_t known) const {
    if (behind == nullptr) {
      return page.help.for_stray.empty() ? see_help() : page.help.for_stray;
    }
    std::string line = page.help.command;
    for (std::size_t i = 0; i < all.size(); ++i) {
      line += (i == known ? " -- " : " ") + shell_word(all[i]);
    }
    return "write it behind --, as in: " + printable(line);
  }

  /// Gives the arguments without a name to those who wait for them.
  void assign(std::vector<std::string> words) const {
    const std::vector<std::string> all = words;
    for (const Positional& positional : positionals) {
      if (positional.count == Positional::Count::any) {
        positional.take(std::exchange(words, {}));
      } else if (!words.empty()) {
        positional.take({words.front()});
        words.erase(words.begin());
      } else if (positional.count == Positional::Count::one) {
        throw UsageError("cannot run '" + page.help.command + "': " + positional.name +
                             " is missing",
                         "as in '" + page.help.example.substr(0, page.help.example.find('\n')) +
                             "'; " + see_help());
      }
    }
    if (!words.empty()) {
      throw UsageError("cannot understand " + savepoint::quoted(words.front()) +
                           ": too many arguments",
                       hint_for_stray(all, all.size() - words.size()));
    }
  }

  void read(std::vector<std::string> words) {
    std::reverse(words.begin(), words.end()); // as CLI11 wants them
    try {
      app.parse(std::move(words));
    } catch (UsageError& error) {
      if (error.hint().empty()) {
        error.set_hint(see_help());
      }
      throw;
    } catch (const CLI::ArgumentMismatch& error) { // "--note: 1 required ..." is all it tells
      const std::string text = error.what();
      const std::size_t colon = text.find(':');
      throw UsageError(
          "cannot understand the command line: " +
              (colon != std::string::npos
                   ? printable(text.substr(0, colon)) + " needs a value"
                   : "--" + printable(text.substr(0, text.find(' '))) + " takes no value"),
          see_help());
    } catch (const CLI::ParseError& error) {
      throw UsageError("cannot understand the command line: " + printable(error.what()),
                       see_help());
    }
  }
};

Parser::Parser(Common& common, Help help) : state_(std::make_unique<State>()) {
  state_->page.help = std::move(help);
  state_->app.set_help_flag();
  state_->app.allow_extras();
  state_->listing = &state_->page.common_options;
  const auto take_last = [&](const std::string& names, const std::string& value, auto& into,
                             const std::string& text) {
    state_->add_valued(names, value, text, [&into, names](const std::vector<std::string>& values) {
      if (values.back().empty()) {
        throw UsageError("cannot use " + longest_name(names) + ": its value is empty");
      }
      into = values.back();
    });
  };
  take_last("-C", "DIR", common.directory, "the project is the one that holds DIR");
  take_last("--store", "DIR", common.store, "the store is in DIR");
  flag("--json", common.json, "print one JSON document on stdout");
  flag("-q,--quiet", common.quiet, "print nothing but ids on stdout, one a line");
  flag("-y,--yes", common.yes, "answer every question with yes");
  flag("--plain", common.plain, "no colour, no drawing: nothing but lines of text");
  flag("--debug", common.debug, "say more about errors");
  flag("-h,--help", state_->help_wanted, "print this help");
  flag("--version", state_->version_wanted, "print the version");
  state_->listing = &state_->page.options;
}

Parser::~Parser() = default;

void Parser::flag(const std::string& names, bool& into, const std::string& help) {
  state_->app.add_flag_callback(names, [&into] { into = true; })->disable_flag_override();
  state_->listing->push_back({split_names(names), {}, help});
  for (const std::string& name : split_names(names)) {
    state_->known_names.push_back(name);
  }
}

void Parser::text(const std::string& names, const std::string& value,
                  std::optional<std::string>& into, const std::string& help) {
  state_->add_valued(names, value, help, [&into, names](const std::vector<std::string>& values) {
    if (values.size() > 1) {
      throw UsageError("cannot use " + longest_name(names) + ": it was given twice");
    }
    into = values.front();
  });
}

void Parser::texts(const std::string& names, const std::string& value,
                   std::vector<std::string>& into, const std::string& help) {
  state_->add_valued(names, value, help,
                     [&into](const std::vector<std::string>& values) { into = values; });
}

void Parser::number(const std::string& names, const std::string& value,
                    std::optional<std::uint64_t>& into, const std::string& help) {
  state_->add_valued(names, value, help, [&into, names](const std::vector<std::string>& values) {
    if (values.size() > 1) {
      throw UsageError("cannot use " + longest_name(names) + ": it was given twice");
    }
    into = parse_number(longest_name(names), values.front());
  });
}

void Parser::required(const std::string& name, std::string& into, const std::string& help) {
  state_->add_positional(
      name, help, Positional::Count::one,
      [&into](const std::vector<std::string>& values) { into = values.front(); });
}

void Parser::optional(const std::string& name, std::optional<std::string>& into,
                      const std::string& help) {
  state_->add_positional(
      name, help, Positional::Count::at_most_one,
      [&into](const std::vector<std::string>& values) { into = values.front(); });
}

void Parser::several(const std::string& name, std::vector<std::string>& into,
                     const std::string& help) {
  state_->add_positional(name, help, Positional::Count::any,
                         [&into](const std::vector<std::string>& values) { into = values; });
}

void Parser::behind_dashes(const std::string& name, std::vector<std::string>& into,
                           const std::string& help) {
  state_->behind = &into;
  state_->page.arguments.push_back({"-- " + name + "...", help});
}

void Parser::parse(std::vector<std::string> arguments) {
  const std::size_t end_of_options = state_->split_values(arguments);
  const auto dashes = arguments.begin() + static_cast<std::ptrdiff_t>(end_of_options);
  std::vector<std::string> behind(dashes == arguments.end() ? dashes : std::next(dashes),
                                  arguments.end());
  arguments.erase(dashes, arguments.end());
  for (const auto& [word, print] :
       {std::pair(k_manual_wanted, &manual_page), std::pair(k_words_wanted, &help_words)}) {
    if (std::ranges::count(arguments, word) > 0) {
      throw TextInstead{print(state_->page)};
    }
  }
  state_->read(std::move(arguments));
  if (state_->help_wanted) {
    throw TextInstead{help_text(state_->page)};
  }
  if (state_->version_wanted) {
    throw VersionInstead{};
  }
  std::vector<std::string> words = state_->app.remaining();
  // A whole command that should stand behind -- has options of its own.
  const bool is_command = state_->behind != nullptr && state_->positionals.empty() &&
                          !words.empty() && !words.front().starts_with('-');
  for (const std::string& word : words) {
    if (word.starts_with('-') && word != "-" && !is_command) {
      state_->refuse_option(word);
    }
  }
  if (state_->behind != nullptr) {
    *state_->behind = std::move(behind);
  } else {
    words.insert(words.end(), behind.begin(), behind.end());
  }
  state_->assign(std::move(words));
}

const HelpPage& Parser::page() const {
  return state_->page;
}

Split split_command(const std::vector<std::string>& arguments) {
  Split split;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == "--") {
      split.arguments.insert(split.arguments.end(),
                             std::next(arguments.begin(), static_cast<std::ptrdiff_t>(i)),
                             arguments.end());
      return split;
    }
    if (!word.starts_with('-')) {
      split.command = word;
      split.arguments.insert(split.arguments.end(),
                             std::next(arguments.begin(), static_cast<std::ptrdiff_t>(i) + 1),
                             arguments.end());
      return split;
    }
    split.arguments.push_back(word);
    if ((word == "-C" || word == "--store") && i + 1 < arguments.size()) {
      split.arguments.push_back(arguments[++i]);
    }
  }
  return split;
}

void throw_unknown_command(std::string_view of, std::string_view name,
                           std::span<const std::string_view> known) {
  const std::string nearest = nearest_word(name, known);
  throw UsageError("there is no command " + quoted(name) + " of '" + std::string(of) + "'",
                   nearest.empty() ? "'" + std::string(of) + " --help' lists the commands"
                                   : "did you mean '" + std::string(of) + " " + nearest + "'?");
}

} // namespace savepoint::cli
