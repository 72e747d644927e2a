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
    const project::Project project = cli::open_project(session);
    store::Store store = store::Store::open_or_create(project.store_path());
    const snapshot::Taken taken = snapshot::take(project, store, request);
    cli::warn_if_interrupted(session, project, store.root()); // while it waited one may have died
    return tools::report(session, taken);
  });
}
