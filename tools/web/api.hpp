#pragma once

#include "http/server.hpp"
#include "web/comparisons.hpp"
#include "web/gate.hpp"
#include "web/jobs.hpp"
#include "web/reads.hpp"

#include <span>
#include <string_view>

namespace savepoint::web {

/// A file of the page.
struct Asset {
  std::string_view path; ///< "/"
  std::string_view type;
  std::string_view content;
};

/// Everything that the page asks for: its own files, what it shows (GET /api/…), and what it wants
/// done (POST /api/actions). docs/ui.md lists it.
class Api {
public:
  /// All of it must outlive the API.
  Api(const Gate& gate, std::span<const Asset> assets, Reads& reads, Comparisons& comparisons,
      Jobs& jobs, const CommandPlace& place);

  /// Never throws an Error: it becomes the document that --json prints, and a status.
  [[nodiscard]] http::Response answer(const http::Request& request);

private:
  [[nodiscard]] http::Response pass(const http::Request& request);
  [[nodiscard]] http::Response find_asset(const http::Request& request) const;
  [[nodiscard]] json::Value read(const http::Request& request);

  const Gate* gate_;
  std::span<const Asset> assets_;
  Reads* reads_;
  Comparisons* comparisons_;
  Jobs* jobs_;
  const CommandPlace* place_;
};

} // namespace savepoint::web
