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

void Workbench::fake(const std::string& program, const std::string& version,
                     const std::string& work) {
  const auto file = directory_ / "versions" / version / "bin" / program;
  test::write_file(file, "#!/bin/sh\n[ \"$1\" = --version ] && { echo '" + program +
                             " (PostgreSQL) " + version + ".1'; exit; }\n" + work);
  std::filesystem::permissions(file, std::filesystem::perms(0755));
  use_versions(directory_ / "versions");
  target_.environment["PATH"] = "/bin:/usr/bin";
}

std::string Workbench::major() const {
  return std::to_string(std::stoi(sql("SHOW server_version")));
}

const char* const k_large_shop = R"(
CREATE TABLE items(id serial PRIMARY KEY, name text UNIQUE);
INSERT INTO items(name) SELECT 'item ' || i FROM generate_series(1, 40000) i;
CREATE TABLE parts(id bigserial PRIMARY KEY, item int REFERENCES items, name text);
INSERT INTO parts(item, name) SELECT 1 + i % 40000, md5(i::text) || e'\n\t\\' FROM generate_series(1, 60000) i;
CREATE INDEX ON parts(item);
CREATE SCHEMA audit; CREATE TABLE audit.log(what text); INSERT INTO audit.log VALUES('x');
CREATE TABLE empty();
CREATE VIEW names AS SELECT name FROM items;
CREATE MATERIALIZED VIEW many AS SELECT item, count(*) FROM parts GROUP BY item;
SELECT lo_from_bytea(4711, decode(repeat('00ff', 100000), 'hex')), lo_from_bytea(4712, 'x');
)";

std::string real_program(const std::string& name) {
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql")) {
    if (std::filesystem::exists(entry.path() / "bin" / name)) {
      return entry.path() / "bin" / name;
    }
  }
  return "";
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
