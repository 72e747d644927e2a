#include "restore/internal/database_output.hpp"

#include "drivers/all.hpp"
#include "store/read_ahead.hpp"

namespace savepoint::restore {

void write_image(const store::ChunkSource& source, const manifest::DatabaseComponent& component,
                 database::Restoration& restoration, const Cancellation& cancellation,
                 Progress& progress) {
  if (!restoration.needs_image()) {
    progress.advance(0, component.image.size);
    restoration.check(component);
    return;
  }
  store::read_ahead(source, component.image, [&](ByteView bytes) {
    cancellation.check();
    restoration.write(bytes);
    progress.advance(0, bytes.size());
  });
  restoration.check(component);
}

void make_database_file(const store::ChunkSource& source,
                        const manifest::DatabaseComponent& component,
                        const std::filesystem::path& file, const Cancellation& cancellation,
                        Progress& progress) {
  const database::Driver& driver = drivers::find(component.driver);
  const database::Target target{
      .name = component.name, .driver = component.driver, .file = file, .path = component.path};
  const auto restoration = driver.open_restoration(
      target, component, {.scratch = file.parent_path(), .cancellation = &cancellation});
  write_image(source, component, *restoration, cancellation, progress);
  restoration->swap();
  restoration->close();
}

} // namespace savepoint::restore
