#include "ui/begin.hpp"

#include "ui/with_page/assets.hpp"
#include "web/serve.hpp"

namespace savepoint::tools {

ExitCode begin(cli::Session& session, const UiOptions& options) {
  using enum web::Browser;
  return web::serve(session, page_assets(),
                    {.port = options.port, .browser = options.no_browser ? leave : open});
}

} // namespace savepoint::tools
