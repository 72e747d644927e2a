#include "hooks/internal/script.hpp"

#include "base/error.hpp"
#include "hooks/hook.hpp"
#include "savepoint_hook_scripts.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace savepoint::hooks {
namespace {

using std::string_view;

// The number is to change whenever older lines have to be told from newer ones.
constexpr string_view k_begin = "# >>> savepoint hooks 1 ";
constexpr string_view k_begin_end = " >>> ('savepoint hooks uninstall' takes these lines out)\n";
constexpr string_view k_end = "# <<< savepoint hooks <<<\n";
constexpr string_view k_shebang = "#!/bin/sh\n";

constexpr std::array<std::pair<Form, string_view>, 4> k_forms{{{Form::block, "block"},
                                                               {Form::own, "own"},
                                                               {Form::aside, "aside"},
                                                               {Form::leading_on, "leading-on"}}};

constexpr std::array<string_view, 8> k_shells{"sh",  "bash", "dash", "ash",
                                              "ksh", "mksh", "zsh",  "busybox"};

std::string replaced(std::string text, string_view what, string_view by) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
  return text;
}

string_view without_shebang(string_view script) {
  return script.substr(script.find('\n') + 1);
}

string_view call_for(string_view name) {
  const std::optional<Hook> hook = find_hook(name);
  if (!hook) {
    return {};
  }
  if (*hook == Hook::pre_push) {
    return without_shebang(k_pre_push_script);
  }
  return without_shebang(is_before(*hook) ? k_pre_script : k_post_script);
}

string_view ending_of(Form form) {
  switch (form) {
  case Form::aside:
    return without_shebang(k_aside_script);
  case Form::leading_on:
    return without_shebang(k_leading_on_script);
  case Form::block:
  case Form::own:
    break;
  }
  return {};
}

std::optional<Form> form_called(string_view name) {
  const auto* const found = std::ranges::find(k_forms, name, &std::pair<Form, string_view>::second);
  return found == k_forms.end() ? std::nullopt : std::optional(found->first);
}

string_view name_of_form(Form form) {
  return std::ranges::find(k_forms, form, &std::pair<Form, string_view>::first)->second;
}

std::vector<string_view> words_of(string_view line) {
  std::vector<string_view> words;
  while (true) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (line.empty()) {
      return words;
    }
    const std::size_t end = std::min(line.find_first_of(" \t"), line.size());
    words.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

string_view base_name(string_view path) {
  return path.substr(path.rfind('/') + 1);
}

} // namespace

std::string for_shell(const std::filesystem::path& path) {
  return replaced(path.string(), "'", R"('\'')");
}

std::string guard_script(const std::filesystem::path& executable, string_view after) {
  return replaced(std::string(k_fsmonitor_script), "@EXECUTABLE@", for_shell(executable)) +
         std::string(after) + "\n";
}

std::string lines_for(Form form, string_view name, const std::filesystem::path& executable) {
  const std::string body = std::string(call_for(name)) + std::string(ending_of(form));
  return std::string(k_begin) + std::string(name_of_form(form)) + std::string(k_begin_end) +
         replaced(replaced(body, "@HOOK@", name), "@EXECUTABLE@", for_shell(executable)) +
         std::string(k_end);
}

std::string script_for(Form form, string_view name, const std::filesystem::path& executable) {
  return std::string(k_shebang) + lines_for(form, name, executable);
}

std::optional<Found> find_lines(string_view text) {
  std::size_t begin = text.find(k_begin);
  while (begin != string_view::npos && begin > 0 && text[begin - 1] != '\n') {
    begin = text.find(k_begin, begin + 1);
  }
  if (begin == string_view::npos) {
    return std::nullopt;
  }
  const std::size_t end = text.find(k_end, begin);
  const string_view after = text.substr(begin + k_begin.size());
  const std::optional<Form> form =
      form_called(after.substr(0, std::min(after.find(' '), after.size())));
  if (end == string_view::npos || !form) {
    return std::nullopt;
  }
  const std::size_t behind = end + k_end.size();
  return Found{.form = *form,
               .lines = std::string(text.substr(begin, behind - begin)),
               .rest = std::string(text.substr(0, begin)) + std::string(text.substr(behind))};
}

bool is_ours_alone(const Found& found) {
  return found.form != Form::block && found.rest == k_shebang;
}

bool takes_lines(string_view text) {
  const std::size_t end = text.find('\n');
  if (!text.starts_with("#!") || end == string_view::npos || text[end - 1] == '\r') {
    return false;
  }
  const std::vector<string_view> words = words_of(text.substr(2, end - 2));
  const bool is_env = !words.empty() && base_name(words.front()) == "env";
  if (words.size() < (is_env ? 2U : 1U)) {
    return false;
  }
  return std::ranges::find(k_shells, base_name(words[is_env ? 1 : 0])) != k_shells.end();
}

std::string with_lines(string_view text, string_view lines) {
  const std::size_t behind = text.find('\n') + 1;
  return std::string(text.substr(0, behind)) + std::string(lines) +
         std::string(text.substr(behind));
}

} // namespace savepoint::hooks
