#include "store/operation_log.hpp"

#include "fs/files.hpp"
#include "fs/line_log.hpp"
#include "fs/status.hpp"
#include "store/internal/layout.hpp"
#include "store/internal/operation_line.hpp"

#include <algorithm>
#include <exception>
#include <string_view>

namespace savepoint::store {
namespace {

bool is_wanted(const Operation& operation, const OperationFilter& filter) {
  return (!filter.failed || operation.has_failed()) &&
         (!filter.since || operation.at >= *filter.since) &&
         (filter.project.empty() || operation.project.empty() ||
          operation.project == filter.project) &&
         (filter.name.empty() || operation.name == filter.name);
}

/// Says of most lines that they are not wanted, in a hundredth of the time that parsing takes.
bool may_be_wanted(std::string_view line, const OperationFilter& filter) {
  return filter.name.empty() || line.find('"' + filter.name + '"') != std::string_view::npos;
}

/// The lines of `text`, the last first.
std::vector<std::string_view> lines_backwards(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  std::reverse(lines.begin(), lines.end());
  return lines;
}

} // namespace

void OperationLog::append(const Operation& operation) const noexcept {
  try {
    const Layout layout(root_);
    if (!fs::status(layout.header())) {
      return;
    }
    if (!fs::status(layout.log())) {
      fs::make_directories(layout.log());
    }
    fs::LineLog(layout.operations()).append(print_operation(operation));
  } catch (const std::exception&) { // NOLINT(bugprone-empty-catch): as the header says
  }
}

std::vector<Operation> OperationLog::read(const OperationFilter& filter) const {
  using Go = fs::LineLog::Go;
  std::vector<Operation> found;
  const auto has_enough = [&] { return filter.limit && found.size() >= *filter.limit; };
  fs::LineLog(Layout(root_).operations()).read([&](ByteView content) {
    for (const std::string_view line : lines_backwards(as_text(content))) {
      if (has_enough()) {
        return Go::no_further;
      }
      if (!may_be_wanted(line, filter)) {
        continue;
      }
      if (std::optional<Operation> operation = parse_operation(line);
          operation && is_wanted(*operation, filter)) {
        found.push_back(std::move(*operation));
      }
    }
    return Go::on;
  });
  return found;
}

} // namespace savepoint::store
