#include "drivers/mariadb/workbench.hpp"

namespace savepoint::test {

MariadbWorkbench::MariadbWorkbench(const std::string& content)
    : server_(&MariadbServer::shared()), driver_(drivers::mariadb::make_mariadb_driver()) {
  server_->sql("DROP DATABASE IF EXISTS shop; CREATE DATABASE shop");
  sql(content);
}

MariadbWorkbench::~MariadbWorkbench() = default;

database::Target MariadbWorkbench::target(const std::string& user,
                                          const std::string& password) const {
  database::Target target;
  target.name = "shop";
  target.driver = "mariadb";
  target.address = {
      "mariadb", server_->socket().string(), 0, user, database::Secret(password), "shop", {}};
  return target;
}

MariadbImage read_all(database::Capture& capture) {
  MariadbImage image;
  Bytes piece(70001);
  while (const std::size_t got = capture.read(piece)) {
    image.script += as_text(ByteView(piece).first(got));
  }
  image.component = capture.describe();
  image.component.name = "shop";
  return image;
}

MariadbImage MariadbWorkbench::capture(const database::Target& target) const {
  const Cancellation cancellation;
  return read_all(
      *driver_->open_capture(target, scratch_.path(), std::chrono::seconds(5), cancellation));
}

std::unique_ptr<database::Restoration>
MariadbWorkbench::stage(const MariadbImage& image, const database::RestorationOptions& options,
                        const database::Target& target) const {
  auto restoration = driver_->open_restoration(target, image.component, options);
  restoration->write(as_bytes(image.script));
  restoration->check(image.component);
  return restoration;
}

void MariadbWorkbench::restore(const MariadbImage& image,
                               const database::RestorationOptions& options) const {
  const auto restoration = stage(image, options);
  restoration->swap();
  restoration->close();
}

} // namespace savepoint::test
