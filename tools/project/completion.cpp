#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/parser.hpp"
#include "project/candidates.hpp"
#include "project/commands.hpp"
#include "savepoint_completions.hpp"

#include <utility>

namespace savepoint::tools {
namespace {

/// A command line that is not finished has every right to be wrong.
std::vector<Candidate> candidates_or_none(cli::Session& session,
                                          const std::vector<std::string>& words) {
  try {
    return candidates_for(session, words);
  } catch (const Error&) {
    return {};
  }
}

ExitCode print_candidates(cli::Session& session, const std::vector<std::string>& words) {
  const std::vector<Candidate> candidates = candidates_or_none(session, words);
  json::Value items = json::Value::array();
  std::string text;
  for (const Candidate& one : candidates) {
    items.push(json::Value::object({{"word", one.word}, {"help", one.help}}));
    text += one.word + (one.help.empty() ? "" : "\t" + one.help) + "\n";
  }
  json::Value document = cli::Session::new_document();
  document.set("words", std::move(items));
  session.terminal.document(document);
  session.terminal.say(text);
  return ExitCode::done;
}

} // namespace

ExitCode completion(cli::Session& session, const Arguments& arguments) {
  std::string shell;
  std::vector<std::string> words;
  cli::Parser parser(session.common,
                     {.command = "savepoint completion",
                      .summary = "Prints what a shell needs to complete the words of savepoint: "
                                 "commands, options,\nids of snapshots, tags, branches. It is "
                                 "installed with savepoint where shells look for it.",
                      .usage = "bash|zsh|fish",
                      .exit_codes = {ExitCode::done, ExitCode::usage},
                      .example = "savepoint completion bash > "
                                 "~/.local/share/bash-completion/completions/savepoint\n"
                                 "savepoint completion zsh > \"${fpath[1]}/_savepoint\"\n"
                                 "savepoint completion fish > "
                                 "~/.config/fish/completions/savepoint.fish"});
  parser.required("SHELL", shell,
                  "bash, zsh or fish; 'words': what the last WORD can become, which those ask");
  parser.behind_dashes("WORD", words, "with 'words': a command line, without its first word");
  parser.parse(arguments);
  session.terminal.set_options(session.common);
  if (shell == "words") {
    return print_candidates(session, words);
  }
  for (const auto& [name, script] :
       {std::pair("bash", k_bash_completion), std::pair("zsh", k_zsh_completion),
        std::pair("fish", k_fish_completion)}) {
    if (shell == name) {
      session.terminal.out(script);
      return ExitCode::done;
    }
  }
  throw UsageError("there is no completion for the shell " + savepoint::quoted(shell),
                   "there is one for bash, zsh and fish");
}

} // namespace savepoint::tools
