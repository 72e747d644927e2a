#include "cli/run_tool.hpp"
#include "restore/options.hpp"
#include "restore/steps.hpp"

using namespace savepoint;

int main(int argc, char** argv) {
  return cli::run_tool(argc, argv, [](cli::Session& session) {
    return tools::run_restore(session, tools::parse_restore_options(session));
  });
}
