#include "cli/help_page.hpp"

#include "base/version.hpp"
#include "cli/text.hpp"

#include <algorithm>
#include <iterator>

namespace savepoint::cli {
namespace {

std::string joined(const std::vector<std::string>& words, std::string_view between) {
  std::string text;
  for (const std::string& word : words) {
    text += text.empty() ? word : std::string(between) + word;
  }
  return text;
}

std::string section(std::string_view title, const std::vector<HelpLine>& lines) {
  if (lines.empty()) {
    return {};
  }
  Table table({Table::Align::left, Table::Align::left});
  for (const HelpLine& line : lines) {
    table.row({line.name, line.help});
  }
  std::string text = "\n" + std::string(title) + ":\n";
  for (const std::string& line : table.lines(2)) {
    text += line + "\n";
  }
  return text;
}

std::vector<HelpLine> lines_of(const std::vector<HelpOption>& options) {
  std::vector<HelpLine> lines;
  std::ranges::transform(options, std::back_inserter(lines), &HelpOption::line);
  return lines;
}

std::string word_line(std::string_view kind, const std::string& names, const std::string& value,
                      const std::string& help) {
  return std::string(kind) + "\t" + names + "\t" + value + "\t" + help + "\n";
}

} // namespace

HelpLine HelpOption::line() const {
  return {joined(names, ", ") + (value.empty() ? "" : " " + value), help};
}

std::string help_text(const HelpPage& page) {
  const Help& help = page.help;
  std::string text = "usage: " + help.command;
  text += help.usage.empty() ? " [OPTIONS]\n" : " " + help.usage + "\n";
  text += "\n" + help.summary + "\n";
  text += section("commands", help.commands);
  if (!help.commands.empty()) {
    text += "\n'" + help.command + " COMMAND --help' says more about each.\n";
  }
  text += section("arguments", page.arguments);
  text += section("options", lines_of(page.options));
  text += section("every command", lines_of(page.common_options));
  std::vector<HelpLine> codes;
  for (const ExitCode code : help.exit_codes) {
    codes.push_back({std::to_string(static_cast<int>(code)), std::string(meaning_of(code))});
  }
  text += section("exit codes", codes);
  if (!help.example.empty()) {
    text += "\nexample:\n";
    for (std::size_t at = 0; at < help.example.size();) {
      const std::size_t end = std::min(help.example.find('\n', at), help.example.size());
      text += "  " + help.example.substr(at, end - at) + "\n";
      at = end + 1;
    }
  }
  return text;
}

std::string help_words(const HelpPage& page) {
  std::string text;
  for (const HelpLine& command : page.help.commands) {
    text += word_line("command", command.name, {}, command.help);
  }
  for (const HelpLine& argument : page.arguments) {
    text += word_line("argument", argument.name, {}, argument.help);
  }
  for (const auto* const options : {&page.options, &page.common_options}) {
    for (const HelpOption& option : *options) {
      text += word_line("option", joined(option.names, ","), option.value, option.help);
    }
  }
  return text;
}

std::string_view meaning_of(ExitCode code) {
  switch (code) {
  case ExitCode::done:
    return "done";
  case ExitCode::failed:
    return "failed";
  case ExitCode::usage:
    return "the command line or the configuration is wrong";
  case ExitCode::refused:
    return "refused: a guard, a missing confirmation, or no terminal to ask on";
  case ExitCode::not_found:
    return "not found, or of an incompatible version";
  case ExitCode::busy:
    return "locked by somebody else, or out of space";
  case ExitCode::corrupt:
    return "verification failed: stored data is not what was written";
  case ExitCode::saved_with_gaps:
    return "saved, but something that is named was left out";
  case ExitCode::cancelled:
    return "stopped on request";
  }
  bug("an exit code without a meaning");
}

std::string version_text() {
  return "savepoint " + std::string(version()) + "\n";
}

} // namespace savepoint::cli
