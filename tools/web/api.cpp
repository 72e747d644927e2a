#include "web/api.hpp"

#include "base/error.hpp"
#include "base/printable.hpp"
#include "cli/error_report.hpp"

#include <algorithm>
#include <charconv>
#include <exception>
#include <string>
#include <utility>

namespace savepoint::web {
namespace {

constexpr std::size_t k_largest_page = 5000;
constexpr std::size_t k_usual_page = 500;

std::string word(const http::Request& request, const std::string& name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string() : found->second;
}

std::uint64_t number(const http::Request& request, const std::string& name, std::uint64_t usual) {
  const std::string text = word(request, name);
  std::uint64_t value = usual;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (!text.empty() && (read.ec != std::errc() || read.ptr != text.data() + text.size())) {
    throw UsageError("cannot use " + quoted(text) + " as " + name + ": it is no number");
  }
  return value;
}

Page page_of(const http::Request& request) {
  return {.offset = static_cast<std::size_t>(number(request, "offset", 0)),
          .limit = std::min(k_largest_page,
                            static_cast<std::size_t>(number(request, "limit", k_usual_page)))};
}

int status_of(ExitCode code) {
  switch (code) {
  case ExitCode::done:
  case ExitCode::saved_with_gaps:
    return 200;
  case ExitCode::usage:
    return 400;
  case ExitCode::refused:
    return 403;
  case ExitCode::not_found:
    return 404;
  case ExitCode::busy:
    return 409;
  case ExitCode::failed:
  case ExitCode::corrupt:
    return 500;
  case ExitCode::cancelled:
    return 503;
  }
  return 500;
}

http::Response document(const json::Value& value) {
  return {.status = 200, .type = "application/json", .body = json::print_line(value)};
}

http::Response failure(std::exception_ptr error) {
  const cli::ErrorReport report = cli::ErrorReport::of(std::move(error), {});
  http::Response response = document(report.document(false));
  response.status = status_of(report.exit_code);
  return response;
}

} // namespace

Api::Api(const Gate& gate, std::span<const Asset> assets, Reads& reads, Comparisons& comparisons,
         Jobs& jobs, const CommandPlace& place)
    : gate_(&gate), assets_(assets), reads_(&reads), comparisons_(&comparisons), jobs_(&jobs),
      place_(&place) {}

http::Response Api::answer(const http::Request& request) {
  http::Response response;
  try {
    std::optional<http::Response> stopped = gate_->stop(request);
    response = stopped ? std::move(*stopped) : pass(request);
  } catch (...) { // as run_tool: whatever it is becomes words and a code
    response = failure(std::current_exception());
  }
  add_security_headers(response);
  return response;
}

http::Response Api::find_asset(const http::Request& request) const {
  const auto found = std::ranges::find(assets_, std::string_view(request.path), &Asset::path);
  if (found == assets_.end()) {
    return {.status = 404, .type = "text/plain; charset=utf-8", .body = "there is no such page\n"};
  }
  return {.status = 200, .type = std::string(found->type), .body = std::string(found->content)};
}

http::Response Api::pass(const http::Request& request) {
  if (!request.path.starts_with("/api/")) {
    return find_asset(request);
  }
  const bool is_action = request.path == "/api/actions";
  if (!is_action && request.path != "/api/stop") {
    if (request.method != "GET") {
      throw UsageError("there is nothing to change at " + quoted(request.path));
    }
    return document(read(request));
  }
  if (request.method != "POST" || request.header("content-type") != "application/json") {
    throw UsageError("an action is a document that is posted");
  }
  const json::Value wanted = json::parse(request.body, "the action");
  std::uint64_t job = 0;
  if (is_action) {
    job = jobs_->start(read_action(wanted));
  } else {
    job = wanted.at("job").as_unsigned();
    jobs_->stop(job);
  }
  return document(json::Value::object({{"schema", 1}, {"job", job}}));
}

json::Value Api::read(const http::Request& request) {
  const std::string& path = request.path;
  if (path == "/api/state") {
    json::Value state = reads_->state();
    state.set("job", jobs_->running());
    return state;
  }
  if (path == "/api/space") {
    return reads_->space();
  }
  if (path == "/api/commits") {
    return reads_->commits();
  }
  if (path == "/api/snapshots") {
    return reads_->snapshots(page_of(request));
  }
  if (path == "/api/snapshot") {
    return reads_->snapshot(word(request, "id"));
  }
  if (path == "/api/files") {
    return reads_->files(word(request, "id"), word(request, "path"), page_of(request));
  }
  if (path == "/api/contents") {
    return reads_->contents(word(request, "id"), word(request, "path"), page_of(request));
  }
  if (path == "/api/diff") {
    return comparisons_->difference(word(request, "before"), word(request, "after"),
                                    word(request, "filter"), page_of(request),
                                    word(request, "anew").empty() ? Comparisons::Project::remembered
                                                                  : Comparisons::Project::anew);
  }
  if (path == "/api/patch") {
    return comparisons_->patch(word(request, "before"), word(request, "after"),
                               word(request, "path"), page_of(request));
  }
  if (path == "/api/log") {
    return reads_->operations(page_of(request).limit);
  }
  if (path == "/api/job") {
    return jobs_->describe(number(request, "job", 0));
  }
  if (path == "/api/health") {
    const CommandLine line{.executable = "savepoint-project",
                           .arguments = {"status", "--check", "--json"}};
    const Cancellation never;
    const Said said = run_command(*place_, line, never);
    if (said.document.is_null()) {
      throw IoError(how_it_died(line, said));
    }
    return said.document;
  }
  throw NotFoundError("there is nothing at " + quoted(path));
}

} // namespace savepoint::web
