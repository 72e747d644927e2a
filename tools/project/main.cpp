#include "cli/run_tool.hpp"
#include "project/commands.hpp"

int main(int argc, char** argv) {
  return savepoint::cli::run_tool(argc, argv, savepoint::tools::run_command);
}
