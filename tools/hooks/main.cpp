#include "cli/run_tool.hpp"
#include "hooks/commands.hpp"

int main(int argc, char** argv) {
  return savepoint::cli::run_tool(argc, argv, savepoint::tools::run_hooks_command);
}
