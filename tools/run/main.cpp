#include "cli/run_tool.hpp"
#include "run/options.hpp"
#include "run/steps.hpp"

using namespace savepoint;

int main(int argc, char** argv) {
  return cli::run_tool(argc, argv, [](cli::Session& session) {
    return tools::run_command(session, tools::parse_run_options(session));
  });
}
