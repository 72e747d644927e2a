#include "hooks/internal/script.hpp"

#include "hooks/hook.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <string>
#include <vector>

using namespace savepoint;
using hooks::Form;

namespace {

const std::filesystem::path k_executable = "/opt/it's here/savepoint-hooks";

} // namespace

TEST_CASE("lines that are put into a hook come out again, byte for byte") {
  const std::string lines = hooks::lines_for(Form::block, "pre-commit", k_executable);

  for (const std::string text :
       {"#!/bin/sh\n", "#!/bin/sh\nexec true", "#!/usr/bin/env bash\nset -eu\n\n\necho \xff\n",
        "#!/bin/sh -e\n# >>> savepoint hooks is mentioned here\n"}) {
    REQUIRE(hooks::takes_lines(text));
    const std::string with = hooks::with_lines(text, lines);

    const auto found = hooks::find_lines(with);

    REQUIRE(found);
    CHECK(found->form == Form::block);
    CHECK(found->lines == lines);
    CHECK(found->rest == text);
    CHECK_FALSE(hooks::find_lines(text));
  }
}

TEST_CASE("only scripts of a shell take our lines") {
  for (const char* text : {"#!/bin/sh\n", "#! /bin/sh -e\n", "#!/usr/bin/env bash\n",
                           "#!/usr/local/bin/zsh\n", "#!/bin/busybox sh\n"}) {
    CAPTURE(text);
    CHECK(hooks::takes_lines(text));
  }
  for (const char* text :
       {"", "#!", "#!/bin/sh", "#!/bin/sh\r\n", "echo no first line\n", "#!\n",
        "#!/usr/bin/python3\n", "#!/usr/bin/env -S python3\n", "#!/usr/bin/env\n",
        "\x7f"
        "ELF\n",
        "#!/usr/bin/fish\n", " #!/bin/sh\n"}) {
    CAPTURE(text);
    CHECK_FALSE(hooks::takes_lines(text));
  }
}

TEST_CASE("a hook names itself and where savepoint was, whatever its path is made of") {
  for (const hooks::Hook hook : hooks::k_hooks) {
    const std::string text = hooks::script_for(Form::own, hooks::name_of(hook), k_executable);

    CHECK_THAT(text, Catch::Contains("run " + std::string(hooks::name_of(hook)) + " "));
    CHECK_THAT(text, Catch::Contains(R"('/opt/it'\''s here/savepoint-hooks')"));
    CHECK_THAT(text, !Catch::Contains("@"
                                      "HOOK@") &&
                         !Catch::Contains("@EXECUTABLE@"));
    CHECK(std::ranges::count(text, '\n') < 22);
  }
}

TEST_CASE("a hook in which no snapshot is taken only leads on") {
  const std::string text = hooks::script_for(Form::leading_on, "commit-msg", k_executable);

  CHECK_THAT(text, !Catch::Contains("savepoint-hooks' run") && Catch::Contains("/commit-msg\""));
}

TEST_CASE("only hooks that run before something can stop git") {
  for (const hooks::Hook hook : hooks::k_hooks) {
    const std::string text = hooks::script_for(Form::own, hooks::name_of(hook), k_executable);
    CHECK((text.find("exit 1") != std::string::npos) == hooks::is_before(hook));
  }
}

TEST_CASE("lines whose end is gone are nobody's") {
  const std::string text = hooks::script_for(Form::own, "pre-commit", k_executable);

  for (std::size_t size = 0; size + 1 < text.size(); ++size) {
    CHECK_FALSE(hooks::find_lines(text.substr(0, size)));
  }
  CHECK(hooks::find_lines(text));
}
