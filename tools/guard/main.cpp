#include "cli/run_tool.hpp"
#include "guard/guard.hpp"

int main(int argc, char** argv) {
  return savepoint::cli::run_tool(argc, argv, savepoint::tools::run_guard);
}
