#include "base/version.hpp"
#include "cli/help_page.hpp"

#include <algorithm>
#include <cctype>

namespace savepoint::cli {
namespace {

/// Text that means nothing to roff, wherever in a line it stands.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char letter : text) {
    switch (letter) {
    case '\\':
      result += "\\e";
      break;
    case '-': // else it may become a dash, which no shell understands
      result += "\\-";
      break;
    case '\'':
      result += "\\(aq";
      break;
    case '`':
      result += "\\(ga";
      break;
    case '^':
      result += "\\(ha";
      break;
    case '~':
      result += "\\(ti";
      break;
    default:
      result += letter;
    }
  }
  return result;
}

/// A line of text that is not taken for a request.
std::string line(std::string_view text) {
  return (text.starts_with('.') ? "\\&" : "") + escaped(text) + "\n";
}

std::string bold(std::string_view text) {
  return "\\fB" + escaped(text) + "\\fR";
}

/// "savepoint restore" as the name of a page.
std::string page_name(std::string command) {
  std::ranges::replace(command, ' ', '-');
  return command;
}

/// The first sentence, as it stands behind a name.
std::string one_line(const std::string& summary) {
  std::string text = summary.substr(0, std::min(summary.find(".\n"), summary.find(". ")));
  std::ranges::replace(text, '\n', ' ');
  if (text.ends_with('.')) {
    text.pop_back();
  }
  text.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(text.front())));
  return text;
}

/// Paragraphs between empty lines. A line break within one is no more than a space.
std::string paragraphs(const std::string& text) {
  std::string result;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view one = std::string_view(text).substr(at, end - at);
    result += one.empty() ? ".PP\n" : line(one);
    at = end + 1;
  }
  return result;
}

std::string list(std::string_view title, const std::vector<HelpLine>& lines) {
  if (lines.empty()) {
    return {};
  }
  std::string text = ".SH " + std::string(title) + "\n";
  for (const HelpLine& one : lines) {
    text += ".TP\n" + bold(one.name) + "\n" + line(one.help);
  }
  return text;
}

/// Names in bold, the value in italics.
std::string option_list(std::string_view title, const std::vector<HelpOption>& options) {
  if (options.empty()) {
    return {};
  }
  std::string text = ".SH " + std::string(title) + "\n";
  for (const HelpOption& option : options) {
    text += ".TP\n";
    for (const std::string& name : option.names) {
      text += (name == option.names.front() ? "" : ", ") + bold(name);
    }
    text += option.value.empty() ? "\n" : " \\fI" + escaped(option.value) + "\\fR\n";
    text += line(option.help);
  }
  return text;
}

std::string examples(const std::string& example) {
  if (example.empty()) {
    return {};
  }
  std::string text = ".SH EXAMPLES\n.nf\n";
  for (std::size_t at = 0; at < example.size();) {
    const std::size_t end = std::min(example.find('\n', at), example.size());
    text += line(std::string_view(example).substr(at, end - at));
    at = end + 1;
  }
  return text + ".fi\n";
}

} // namespace

std::string manual_page(const HelpPage& page) {
  const Help& help = page.help;
  std::string title = page_name(help.command);
  std::ranges::transform(title, title.begin(), [](unsigned char letter) {
    return static_cast<char>(std::toupper(letter));
  });
  std::string text = ".TH \"" + escaped(title) + "\" 1 \"\" \"savepoint " + std::string(version()) +
                     "\" \"savepoint\"\n";
  text += ".SH NAME\n" + escaped(page_name(help.command)) + " \\- " +
          escaped(one_line(help.summary)) + "\n";
  text += ".SH SYNOPSIS\n" + bold(help.command) + " " +
          escaped(help.usage.empty() ? "[OPTIONS]" : help.usage) + "\n";
  text += ".SH DESCRIPTION\n" + paragraphs(help.summary);
  text += list("COMMANDS", help.commands);
  if (!help.commands.empty()) {
    text += ".PP\n" + line("'" + help.command + " COMMAND --help' says more about each.");
  }
  text += list("ARGUMENTS", page.arguments);
  text += option_list("OPTIONS", page.options);
  text += option_list("OPTIONS OF EVERY COMMAND", page.common_options);
  std::vector<HelpLine> codes;
  for (const ExitCode code : help.exit_codes) {
    codes.push_back({std::to_string(static_cast<int>(code)), std::string(meaning_of(code))});
  }
  text += list("EXIT STATUS", codes);
  text += examples(help.example);
  if (help.command != "savepoint") {
    text += ".SH SEE ALSO\n.BR savepoint (1)\n";
  }
  return text;
}

} // namespace savepoint::cli
