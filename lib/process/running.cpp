#include "process/running.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <iterator>
#include <string_view>

namespace savepoint::process {
namespace {

// Where they stand in /proc/PID/stat behind the name, which may hold spaces and parentheses.
constexpr int k_parent_field = 1;
constexpr int k_started_field = 19;

std::string contents(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

template <typename Number> Number field(std::string_view fields, int index) {
  for (; index > 0; --index) {
    fields.remove_prefix(std::min(fields.find(' '), fields.size() - 1) + 1);
  }
  Number number{};
  std::from_chars(fields.data(), fields.data() + fields.size(), number);
  return number;
}

} // namespace

std::optional<Running> find_running(pid_t id) {
  const std::string directory = "/proc/" + std::to_string(id);
  const std::string status = contents(directory + "/stat");
  const std::size_t name_ends = status.rfind(") ");
  if (name_ends == std::string::npos) {
    return std::nullopt;
  }
  const std::string_view fields = std::string_view(status).substr(name_ends + 2);
  Running running{.id = id,
                  .parent = field<pid_t>(fields, k_parent_field),
                  .started = field<std::uint64_t>(fields, k_started_field)};
  const std::string line = contents(directory + "/cmdline");
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t end = std::min(line.find('\0', at), line.size());
    running.words.push_back(line.substr(at, end - at));
    at = end + 1;
  }
  return running;
}

} // namespace savepoint::process
