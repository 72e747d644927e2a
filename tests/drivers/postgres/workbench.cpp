#include "workbench.hpp"

#include "hash/sha256.hpp"

namespace savepoint::drivers::postgres {

Workbench::Workbench(const std::string& statements)
    : server_(test::PostgresServer::shared()), driver_(make_postgres_driver()),
      target_(server_.target(k_name)) {
  std::filesystem::create_directory(scratch());
  server_.drop_database(k_name);
  server_.create_database(k_name);
  if (!statements.empty()) {
    sql(statements);
  }
}

Workbench::~Workbench() {
  if (server_.is_running()) {
    server_.drop_database(k_name);
  }
}

database::RestorationOptions Workbench::options() const {
  return {.scratch = scratch(), .wait = std::chrono::milliseconds(300)};
}

std::string Workbench::fingerprint() const {
  return driver_->fingerprint(target_, {}).value_or("none");
}

Image Workbench::capture() const {
  const Cancellation cancellation;
  const auto capture =
      driver_->open_capture(target_, scratch(), std::chrono::milliseconds(500), cancellation);
  return read_all(*capture);
}

std::unique_ptr<database::Restoration>
Workbench::stage(const Image& image, const database::RestorationOptions& options) const {
  auto restoration = driver_->open_restoration(target_, image.component, options);
  restoration->write(image.bytes);
  restoration->check(image.component);
  return restoration;
}

void Workbench::restore(const Image& image) const {
  const auto restoration = stage(image, options());
  restoration->swap();
  restoration->close();
}

Image read_all(database::Capture& capture) {
  Image image;
  Bytes piece(100'000);
  while (const std::size_t got = capture.read(piece)) {
    image.bytes.insert(image.bytes.end(), piece.begin(),
                       piece.begin() + static_cast<std::ptrdiff_t>(got));
  }
  image.component = capture.describe();
  image.component.image = {.form = manifest::Content::Form::chunk,
                           .size = image.bytes.size(),
                           .id = hash::sha256(image.bytes)};
  return image;
}

} // namespace savepoint::drivers::postgres
