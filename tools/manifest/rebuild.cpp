#include "cli/parser.hpp"
#include "cli/place.hpp"
#include "cli/text.hpp"
#include "manifest/commands.hpp"

namespace savepoint::tools {

ExitCode rebuild(cli::Session& session, const Arguments& arguments) {
  cli::Parser parser(
      session.common,
      {.command = "savepoint manifest rebuild",
       .summary = "Makes the store's catalog anew from its packs and manifests. Nothing is lost by "
                  "it:\nthe catalog is a cache.",
       .usage = "[OPTIONS]",
       .exit_codes = {ExitCode::done, ExitCode::failed, ExitCode::usage, ExitCode::not_found,
                      ExitCode::busy, ExitCode::corrupt},
       .example = "savepoint manifest rebuild"});
  parser.parse(arguments);
  session.terminal.set_options(session.common);

  session.begin_operation("rebuild");
  store::Store store = cli::open_store(session);
  const std::size_t found = store.rebuild_catalog();
  json::Value document = cli::Session::new_document();
  document.set("snapshots", std::uint64_t{found});
  session.terminal.document(document);
  session.terminal.say("rebuilt the catalog: " + cli::counted(found, "snapshot") + "\n");
  return ExitCode::done;
}

} // namespace savepoint::tools
