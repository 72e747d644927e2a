#include "cli/place.hpp"
#include "cli/run_tool.hpp"
#include "snapshot/options.hpp"
#include "snapshot/report.hpp"
#include "snapshot/snapshot.hpp"
#include "store/store.hpp"

using namespace savepoint;

int main(int argc, char** argv) {
  return cli::run_tool(argc, argv, [](cli::Session& session) {
    const snapshot::Request request = tools::parse_snapshot_options(session);
    session.begin_operation("snapshot", request.trigger);
    const project::Project project = cli::open_project(session);
    store::Store store = cli::open_store_for_snapshot(session, project);
    const snapshot::Taken taken = snapshot::take(project, store, request);
    cli::warn_if_interrupted(session, project, store.root()); // while it waited one may have died
    return tools::report(session, taken);
  });
}
