#include "cli/run_tool.hpp"
#include "prune/options.hpp"
#include "prune/steps.hpp"

using namespace savepoint;

int main(int argc, char** argv) {
  return cli::run_tool(argc, argv, [](cli::Session& session) {
    return tools::run_prune(session, tools::parse_prune_options(session));
  });
}
