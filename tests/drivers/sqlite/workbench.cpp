#include "drivers/sqlite/workbench.hpp"

#include "drivers/sqlite/driver.hpp"

#include "support/catch.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>

namespace savepoint::test {

using namespace std::chrono_literals;
using sqlite::Connection;
using sqlite::OpenMode;

Workbench::Workbench(std::chrono::milliseconds restore_wait)
    : root_(directory_ / "project"), driver_(drivers::sqlite::make_sqlite_driver()),
      restore_wait_(restore_wait) {
  std::filesystem::create_directory(root_);
  std::filesystem::create_directory(directory_ / "scratch");
}

std::filesystem::path Workbench::file(std::string_view suffix) const {
  return root_ / ("app.db" + std::string(suffix));
}

database::Target Workbench::target() const {
  return {"app.db", "sqlite", file(), "app.db"};
}

std::string Workbench::names() const {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(root_)) {
    names.push_back(entry.path().filename().string() + " ");
  }
  std::ranges::sort(names);
  std::string result;
  for (const std::string& name : names) {
    result += name;
  }
  return result;
}

Connection Workbench::open() const {
  Connection connection(file(), OpenMode::create);
  connection.execute("PRAGMA busy_timeout=5000");
  return connection;
}

void Workbench::run(const std::string& sql) const {
  open().execute(sql);
}

std::int64_t Workbench::ask(const std::string& sql) const {
  return open().query_integer(sql);
}

std::unique_ptr<database::Capture> Workbench::open_capture() const {
  const Cancellation cancellation;
  return driver().open_capture(target(), scratch(), 10s, cancellation);
}

Image Workbench::capture() const {
  const auto capture = open_capture();
  REQUIRE(capture != nullptr);
  Image image;
  Bytes piece(100000);
  for (std::size_t got = 0; (got = capture->read(piece)) > 0;) {
    image.bytes.insert(image.bytes.end(), piece.begin(),
                       piece.begin() + static_cast<std::ptrdiff_t>(got));
  }
  image.component = capture->describe();
  image.component.name = "app.db";
  REQUIRE(image.bytes.size() == capture->shape().expected_size);
  return image;
}

std::unique_ptr<database::Restoration> Workbench::stage(const Image& image) const {
  auto restoration = driver().open_restoration(target(), image.component, {.wait = restore_wait_});
  restoration->write(image.bytes);
  restoration->check(image.component);
  return restoration;
}

void Workbench::restore(const Image& image) const {
  const auto restoration = stage(image);
  restoration->swap();
  restoration->close();
}

OpenedImage::OpenedImage(const Image& image) {
  write_file(directory_ / "image.db", as_text(image.bytes));
  connection_ = std::make_unique<Connection>(directory_ / "image.db", OpenMode::read_write);
}

pid_t start(const std::function<void()>& work) {
  const pid_t process = fork();
  REQUIRE(process >= 0);
  if (process > 0) {
    return process;
  }
  int code = 0;
  try {
    work();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "child: %s\n", error.what());
    code = 1;
  }
  _exit(code);
}

int wait_for(pid_t process) {
  int status = 0;
  REQUIRE(waitpid(process, &status, 0) == process);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

void do_and_die(const std::function<void()>& work) {
  const pid_t process = start([&] {
    work();
    raise(SIGKILL);
  });
  REQUIRE(wait_for(process) == 128 + SIGKILL);
}

} // namespace savepoint::test
