#include "commands/shell_line.hpp"

#include "support/catch.hpp"

using savepoint::commands::Destructive;
using savepoint::commands::destructive_shell_line;
using savepoint::commands::ShellCommand;
using savepoint::commands::split_shell_line;

namespace {

bool is_there(const std::string& path) {
  return path == "notes" || path == "src/code" || path == "/u/me/notes";
}

/// What a line can take away: one for each directory.
std::string labels(const std::string& line) {
  std::string all;
  for (const Destructive& found : destructive_shell_line(line, is_there, "/u/me")) {
    all += (all.empty() ? "" : ", ") + found.label +
           (found.directory.empty() ? "" : " in " + found.directory.string());
  }
  return all.empty() ? "-" : all;
}

std::string label(const std::string& line) {
  const std::string all = labels(line);
  return all.substr(0, all.find(", "));
}

std::string shown(const std::string& line) {
  std::string all;
  for (const ShellCommand& command : split_shell_line(line)) {
    for (const std::string& word : command.words) {
      all += "[" + word + "]";
    }
    for (const std::string& file : command.overwritten) {
      all += ">" + file;
    }
    all += ";";
  }
  return all;
}

} // namespace

TEST_CASE("a line of the shell is split as the shell does it") {
  CHECK(shown("a b  c") == "[a][b][c];");
  CHECK(shown("a 'b c' \"d 'e'\" f\\ g") == "[a][b c][d 'e'][f g];");
  CHECK(shown("a && b || c; d | e & f\ng") == "[a];[b];[c];[d];[e];[f];[g];");
  CHECK(shown("a > x 2>&1 >> y 2> z") == "[a]>x>z;");
  CHECK(shown("a &> x") == "[a]>x;");
  CHECK(shown("a \"$(rm 'b c')\" d") == "[a][];[rm][b c];[][d];");
  CHECK(shown("(cd x && rm y)") == "[cd][x];[rm][y];");
  CHECK(shown("a `rm b`") == "[a];[rm][b];");
  CHECK(shown("a # rm b\nc") == "[a];[c];");
  CHECK(shown("a b#c \\\n d") == "[a][b#c][d];");
  CHECK(shown("echo ''") == "[echo][];");
  CHECK(shown("'no end") == "[no end];");
  CHECK(shown("") == "");
}

TEST_CASE("commands of a line that take work away are found wherever they stand") {
  CHECK(label("git status && git reset --hard") == "reset --hard");
  CHECK(label("cd src; rm -rf build") == "rm in src");
  CHECK(label("X=1 sudo -n /bin/rm notes") == "rm");
  CHECK(label("if true; then git clean -fd; fi") == "clean");
  CHECK(label("ls | xargs -0 rm") == "rm");
  CHECK(label("bash -lc 'git checkout notes; true'") == "checkout --");
  CHECK(label("echo \"$(git stash drop)\"") == "stash drop");
  CHECK(label("npx prisma migrate reset --force") == "prisma migrate reset");
  CHECK(label("npm run db:reset") == "npm reset");
  CHECK(label("psql -c 'select 1'") == "psql");
  CHECK(label("docker compose down -v") == "docker volumes");
  CHECK(label("sed -i s/a/b/ notes") == "sed -i");
  CHECK(label("find . -name '*.o' -delete") == "find");
  CHECK(label("echo new > notes") == "echo >");
}

TEST_CASE("files are edited in place however that is written") {
  for (const char* line : {"sed -i s/a/b/ notes", "sed -Ei s/a/b/ notes",
                           "sed -ri.bak s/a/b/ notes", "sed -n -zi s/a/b/ notes",
                           "sed --in-place=.bak s/a/b/ notes", "sed --in-pl s/a/b/ notes"}) {
    CAPTURE(line);
    CHECK(label(line) == "sed -i");
  }
  for (const char* line :
       {"perl -pi -e s/a/b/ notes", "perl -i.bak -pe s/a/b/ notes", "perl -0pi -e s/a/b/ notes",
        "perl -lpi -e s/a/b/ notes", "perl -w -pie s/a/b/ notes"}) {
    CAPTURE(line);
    CHECK(label(line) == "perl -i");
  }
  for (const char* line :
       {"sed -n s/a/i/p notes", "sed -e s/a/i/ notes", "sed -es/a/i/ notes", "sed -fi.sed notes",
        "sed --silent -E s/a/i/ notes", "perl -MList::Util -ne print notes", "perl -e 'print 1'"}) {
    CAPTURE(line);
    CHECK(label(line) == "-");
  }
}

TEST_CASE("a command is judged by where it is run") {
  CHECK(label("cd src && git checkout code") == "checkout -- in src");
  CHECK(label("cd src && git checkout notes") == "-");
  CHECK(label("git -C src checkout code") == "checkout -- in src");
  CHECK(label("cd /u/me/shop; git -C sub/dir clean -f") == "clean in /u/me/shop/sub/dir");
  CHECK(label("(cd src; ls); git checkout notes") == "checkout --");
  CHECK(label("bash -c 'cd src; echo x > code'") == "echo > in src");
  CHECK(label("cd \"$REPOSITORY\" && git checkout anything") == "checkout --");
}

TEST_CASE("every directory in which a line takes work away is named") {
  CHECK(labels("cd /w/api && git reset --hard && cd /w/web && git clean -f") ==
        "reset --hard in /w/api, clean in /w/web");
  CHECK(labels("rm a; git clean -f; (cd src; rm b); bash -c 'cd lib; rm c'; rm d") ==
        "rm, rm in src, rm in lib");
  CHECK(labels("rm a > /w/log") == "rm");
}

TEST_CASE("what begins with ~/ is in the directory of the user") {
  CHECK(labels("cd ~/src/shop && git reset --hard") == "reset --hard in /u/me/src/shop");
  CHECK(labels("git -C ~/shop clean -f") == "clean in /u/me/shop");
  CHECK(labels("cd ~ && git checkout notes") == "checkout -- in /u/me");
  CHECK(labels("cd ~ && git checkout other") == "-");
  CHECK(labels("cd ~other && git checkout other") == "checkout --");
  CHECK(label("echo x > ~/notes") == "echo > in /u/me");
}

TEST_CASE("what the shell has still to make of a word may be there") {
  CHECK(label("cat new > \"$FILE\"") == "cat >");
  CHECK(label("cat new > ${DIRECTORY}/x") == "cat >");
  CHECK(label("echo x > ~other/.env") == "echo >");
  CHECK(label("echo x > note?") == "echo >");
  CHECK(label("git checkout src/{a,b}.c") == "checkout --");
  CHECK(label("git checkout \"$WHAT\"") == "checkout --");
  CHECK(label("echo x > {1..9}.txt") == "echo >");
  for (const char* of_git : {"git checkout HEAD~2", "git checkout @{-1}", "git checkout v1^{}",
                             "git checkout 'main@{2 days ago}'", "echo x > new~"}) {
    CAPTURE(of_git);
    CHECK(label(of_git) == "-");
  }
}

TEST_CASE("a work tree that is removed is what is at stake") {
  CHECK(labels("git worktree remove --force ../other") == "worktree remove in ../other");
  CHECK(labels("git -C src worktree remove -f /w/other") == "worktree remove in /w/other");
  CHECK(labels("git -C src worktree remove") == "worktree remove in src");
  CHECK(labels("git worktree add -f ../other") == "worktree add");
}

TEST_CASE("what leads to a command may have options of its own") {
  CHECK(label("sudo -u postgres dropdb shop") == "dropdb");
  CHECK(label("env -u HOME X=1 nice -n 5 rm notes") == "rm");
  CHECK(label("ls | xargs -n 1 -I {} rm {}") == "rm");
  CHECK(label("timeout -k 5 60 git clean -f") == "clean");
  CHECK(label("sudo -u") == "-");
}

TEST_CASE("a text in the line is no command, and hides none behind it") {
  CHECK(label("cat <<EOF\ndon't rm notes\nEOF\ngit reset --hard") == "reset --hard");
  CHECK(label("git commit -m \"$(cat <<'EOF'\nDon't (ever)\nEOF\n)\" && git clean -f") == "clean");
  CHECK(label("cat <<-\tEOF | tee -a x\n\tisn't\n\tEOF\nrm notes") == "rm");
  CHECK(label("cat <<A <<B\nit's\nA\nrm notes\nB\nls") == "-");
  CHECK(label("echo $((1 << 2))\nrm notes") == "rm");
  CHECK(label("wc <<< \"rm\"; rm notes") == "rm");
  CHECK(label("cat <<EOF") == "-");
}

TEST_CASE("lines that take nothing away are harmless") {
  for (const char* harmless :
       {"git status", "ls -la", "grep -r rm .", "echo 'rm -rf /'", "cat notes | wc -l", "npm test",
        "echo x > /dev/null", "echo x > new-file", "echo x >> notes", "make all",
        "sed s/a/b/ notes", "find . -name x", "docker compose up -d", "tee -a notes"}) {
    INFO(harmless);
    CHECK(label(harmless) == "-");
  }
}

TEST_CASE("a line in a line in a line has an end") {
  std::string line = "true";
  for (int i = 0; i < 20; ++i) {
    std::string quoted;
    for (const char letter : line) {
      quoted += letter == '\\' || letter == '"' || letter == '$' ? std::string("\\") + letter
                                                                 : std::string(1, letter);
    }
    line = quoted.size() > 100'000 ? line : "eval \"" + quoted + "\"";
  }
  CHECK(label(line) == "sh");
}

TEST_CASE("of every word it is known where it begins, and of every command whether it is nested") {
  const std::string line = "A='x y' b\\ c \"d\"e >f 'g' && (h; echo $(i)) | \\j";
  const auto commands = split_shell_line(line);
  std::vector<std::string> nested;
  for (const ShellCommand& command : commands) {
    REQUIRE(command.begins.size() == command.words.size());
    for (std::size_t i = 0; i < command.words.size(); ++i) {
      CAPTURE(command.words[i]);
      const char at = line[command.begins[i]];
      CHECK((at == command.words[i].front() || at == '\'' || at == '"' || at == '\\'));
      CHECK((command.begins[i] == 0 ||
             std::string(" (").find(line[command.begins[i] - 1]) != std::string::npos));
    }
    if (command.is_nested) {
      nested.push_back(command.words.front());
    }
  }
  CHECK(nested == std::vector<std::string>{"h", "echo", "i"});
}
