#include "ui/begin.hpp"

#include "base/error.hpp"

namespace savepoint::tools {

ExitCode begin(cli::Session& /*session*/, const UiOptions& /*options*/) {
  throw NotFoundError("this savepoint was built without its page",
                      "build it where npm, a network and libcpp-httplib-dev are, with "
                      "-DSAVEPOINT_UI=ON; 'savepoint list' and 'savepoint diff' show the same");
}

} // namespace savepoint::tools
