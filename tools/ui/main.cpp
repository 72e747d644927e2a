#include "cli/run_tool.hpp"
#include "ui/begin.hpp"
#include "ui/options.hpp"

using namespace savepoint;

int main(int argc, char** argv) {
  return cli::run_tool(argc, argv, [](cli::Session& session) {
    return tools::begin(session, tools::parse_ui_options(session));
  });
}
