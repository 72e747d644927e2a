#include "restore/internal/database_output.hpp"

#include "drivers/all.hpp"
#include "store/content.hpp"

#include <algorithm>

namespace savepoint::restore {
namespace {

constexpr std::size_t k_zeros = std::size_t{64} << 10U;

} // namespace

void write_image(const store::ChunkSource& source, const manifest::DatabaseComponent& component,
                 database::Restoration& restoration, const Cancellation& cancellation,
                 Progress& progress) {
  if (!restoration.needs_image()) {
    progress.advance(0, component.image.size);
    restoration.check(component);
    return;
  }
  const Bytes zeros(k_zeros);
  store::read_content(
      source, component.image, [&](std::uint64_t, ByteView bytes, std::uint64_t hole) {
        cancellation.check();
        if (!bytes.empty()) {
          restoration.write(bytes);
        }
        for (std::uint64_t left = hole; left > 0;) {
          const auto length = std::min<std::uint64_t>(left, k_zeros);
          restoration.write(ByteView(zeros).first(static_cast<std::size_t>(length)));
          left -= length;
        }
        progress.advance(0, bytes.size() + hole);
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
