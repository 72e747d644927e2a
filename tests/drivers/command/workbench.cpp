#include "workbench.hpp"

#include <chrono>

namespace savepoint::test {

CommandWorkbench::CommandWorkbench() {
  std::filesystem::create_directory(top_ / "project");
  std::filesystem::create_directory(top_ / "scratch");
}

database::Target CommandWorkbench::target(const std::string& dump,
                                          const std::string& restore) const {
  database::Target target;
  target.name = "cache";
  target.driver = "command";
  target.settings.dump = dump;
  target.settings.restore = restore;
  target.project = top_ / "project";
  target.environment = environment;
  return target;
}

CommandWorkbench::Image CommandWorkbench::capture(const database::Target& target) const {
  const Cancellation never;
  const auto capture =
      driver_->open_capture(target, scratch(), std::chrono::milliseconds(100), never);
  Image image;
  Bytes piece(1000);
  while (const std::size_t got = capture->read(piece)) {
    image.bytes.insert(image.bytes.end(), piece.begin(),
                       piece.begin() + static_cast<std::ptrdiff_t>(got));
  }
  image.component = capture->describe();
  return image;
}

std::unique_ptr<database::Restoration>
CommandWorkbench::staged(const database::Target& target, const Image& image,
                         const Cancellation* cancellation) const {
  auto restoration = driver_->open_restoration(
      target, image.component, {.scratch = scratch(), .cancellation = cancellation});
  restoration->write(image.bytes);
  restoration->check(image.component);
  return restoration;
}

} // namespace savepoint::test
