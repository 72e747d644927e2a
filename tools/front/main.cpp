#include "cli/run_tool.hpp"
#include "front/dispatch.hpp"

int main(int argc, char** argv) {
  return savepoint::cli::run_tool(argc, argv, savepoint::tools::dispatch);
}
