// many_snapshots DIRECTORY COUNT: takes so many snapshots of the project there, each of another
// state, and commits every hundredth. In one process: starting one for each takes much longer.
#include <savepoint/savepoint.hpp>

#include <cstdlib>
#include <fstream>
#include <string>

int main(int argc, char** argv) {
  if (argc != 3) {
    return 2;
  }
  const std::string directory = argv[1];
  const int count = std::stoi(argv[2]);
  savepoint::Project project(directory);
  for (int number = 1; number <= count; ++number) {
    std::string text = std::to_string(number);
    std::ofstream(directory + "/code.txt") << text;
    if (number % 100 == 0 &&
        std::system(("git -C '" + directory + "' commit -q -a -m " + text).c_str()) != 0) {
      return 1;
    }
    if (text.size() > 3) {
      text.insert(text.size() - 3, ",");
    }
    savepoint::SnapshotOptions options;
    options.note = "number " + text;
    project.snapshot(options);
  }
  return 0;
}
