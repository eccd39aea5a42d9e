#include "images/recipe.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "images/sha256.h"

namespace paddock::images {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kHead =
    "name: tiny\n"
    "description: {en: A tiny machine, zh: 小机器}\n"
    "suite: bookworm\n";

RecipeReader Reader(std::map<std::string, std::string, std::less<>> texts) {
  return [known = std::move(texts)](std::string_view name) -> Result<RecipeText> {
    const auto found = known.find(name);
    if (found == known.end()) {
      return Fail(Code::kNotFound, fmt::format("there is no recipe {}", name));
    }
    return RecipeText{.text = found->second, .file_name = fmt::format("{}.yaml", name)};
  };
}

std::string Named(std::string_view name, std::string_view rest) {
  return fmt::format("name: {}\ndescription: {{en: x, zh: x}}\n{}", name, rest);
}

TEST(RecipeTest, EveryFieldIsRead) {
  const auto recipe = ParseRecipe(std::string(kHead) +
                                      "packages: [bash, libstdc++6]\n"
                                      "files:\n"
                                      "  - path: /etc/motd\n"
                                      "    mode: 0640\n"
                                      "    before_packages: true\n"
                                      "    content: |\n"
                                      "      hello\n"
                                      "commands: ['true', 'echo 1']\n"
                                      "env: {LANG: C.UTF-8, PAGER: ''}\n"
                                      "cwd: /srv\n"
                                      "boot: /etc/paddock/boot\n"
                                      "minimum: {memory: 256MiB, disk: 2GiB, processes: 64}\n",
                                  "tiny.yaml");
  ASSERT_TRUE(recipe) << recipe.error().message;
  EXPECT_EQ(recipe->name, "tiny");
  EXPECT_EQ(recipe->description.at("zh"), "小机器");
  EXPECT_EQ(recipe->suite, "bookworm");
  EXPECT_THAT(recipe->packages, ElementsAre("bash", "libstdc++6"));
  EXPECT_THAT(
      recipe->files,
      ElementsAre(RecipeFile{
          .path = "/etc/motd", .mode = 0640, .content = "hello\n", .before_packages = true}));
  EXPECT_THAT(recipe->commands, ElementsAre("true", "echo 1"));
  EXPECT_EQ(recipe->env.at("LANG"), "C.UTF-8");
  EXPECT_EQ(recipe->cwd, "/srv");
  EXPECT_EQ(recipe->boot, "/etc/paddock/boot");
  EXPECT_EQ(recipe->minimum,
            (MinimumLimits{.memory = 256_MiB, .disk = 2_GiB, .process_count = 64}));
}

struct BadRecipe {
  std::string_view text;     // follows kHead, unless it starts with "name:" or '!'
  std::string_view message;  // whole
};

const std::vector<BadRecipe> kBadRecipes{
    {"packges: [bash]\n",
     "tiny.yaml:4: packges: unknown field (known are name, description, extends, suite, packages, "
     "files, commands, env, cwd, boot, minimum)"},
    {"packages: bash\n", "tiny.yaml:4: packages: must be a list"},
    {"packages:\n  - bash\n  - Bash\n",
     "tiny.yaml:6: packages[1]: 'Bash' is not the name of a package"},
    {"packages:\n  - bash\n  - '-o=x'\n",
     "tiny.yaml:6: packages[1]: '-o=x' is not the name of a package"},
    {"packages:\n  - bash\n  - bash\n", "tiny.yaml:6: packages[1]: 'bash' is listed twice"},
    {"files:\n  - path: etc/motd\n    content: x\n",
     "tiny.yaml:5: files[0].path: must be absolute, without '.', '..', '//' or a '/' at its end"},
    {"files:\n  - path: /etc/../motd\n    content: x\n",
     "tiny.yaml:5: files[0].path: must be absolute, without '.', '..', '//' or a '/' at its end"},
    {"files:\n  - path: /proc/motd\n    content: x\n",
     "tiny.yaml:5: files[0].path: lies below /dev, /proc, /sys or /run, which are mounted over"},
    {"files:\n  - path: /a\n    mode: 4755\n    content: x\n",
     "tiny.yaml:6: files[0].mode: must be an octal number from 0000 to 0777"},
    {"files:\n  - path: /a\n    mode: 0888\n    content: x\n",
     "tiny.yaml:6: files[0].mode: must be an octal number from 0000 to 0777"},
    {"files:\n  - path: /a\n", "tiny.yaml:5: files[0].content: is missing"},
    {"files:\n  - content: x\n", "tiny.yaml:5: files[0].path: is missing"},
    {"files: [/etc/motd]\n", "tiny.yaml:4: files[0]: must be a map of fields"},
    {"files:\n  - path: /a\n    content: x\n  - path: /a\n    content: y\n",
     "tiny.yaml:7: files[1].path: '/a' is listed twice"},
    {"files:\n  - path: /a\n    content: x\n    before_packages: maybe\n",
     "tiny.yaml:7: files[0].before_packages: must be true or false"},
    {"commands:\n  - true\n  - [ls]\n", "tiny.yaml:6: commands[1]: must be a shell command"},
    {"env: {9LIVES: x}\n", "tiny.yaml:4: env.9LIVES: is not the name of a variable"},
    {"env: {LANG: [C]}\n", "tiny.yaml:4: env.LANG: must be text"},
    {"cwd: root\n",
     "tiny.yaml:4: cwd: must be absolute, without '.', '..', '//' or a '/' at its end"},
    {"boot: /etc/paddock/\n",
     "tiny.yaml:4: boot: must be absolute, without '.', '..', '//' or a '/' at its end"},
    {"minimum:\n  memory: 256MB\n",
     "tiny.yaml:5: minimum.memory: must be a size, as 256MiB or 2GiB"},
    {"minimum:\n  memory: 0MiB\n",
     "tiny.yaml:5: minimum.memory: must be a size, as 256MiB or 2GiB"},
    {"minimum:\n  disk: 99999999999999GiB\n",
     "tiny.yaml:5: minimum.disk: must be a size, as 256MiB or 2GiB"},
    {"minimum:\n  processes: -1\n", "tiny.yaml:5: minimum.processes: must be a whole number"},
    {"minimum:\n  processes: 0\n", "tiny.yaml:5: minimum.processes: must be from 1 to 1000000"},
    {"cwd: &a /root\n", "tiny.yaml:4: tags (!name) and anchors (&name) are not allowed"},
    {"name: Tiny\ndescription: {en: x, zh: x}\nsuite: trixie\n",
     "tiny.yaml:1: name: must be 1 to 32 of a-z, 0-9 and '-', starting with a letter"},
    {"name: tiny\ndescription: {en: x}\nsuite: trixie\n",
     "tiny.yaml:2: description: needs a text in 'zh'"},
    {"name: tiny\ndescription: {en: x, zh: x, fr: x}\nsuite: trixie\n",
     "tiny.yaml:2: description.fr: languages are en, zh"},
    {"name: tiny\ndescription: {en: x, zh: x}\n", "tiny.yaml:1: suite: is missing"},
    {"name: tiny\ndescription: {en: x, zh: x}\nsuite: sid\n",
     "tiny.yaml:3: suite: must be one of bookworm, trixie"},
    {"name: tiny\ndescription: {en: x, zh: x}\nsuite: 1\npackages: 2\n",
     "tiny.yaml:3: suite: must be one of bookworm, trixie\n"
     "tiny.yaml:4: packages: must be a list"},
};

TEST(RecipeTest, EveryMistakeIsReportedWithFileLineAndField) {
  for (const BadRecipe& bad : kBadRecipes) {
    const std::string text =
        (bad.text.starts_with("name:") ? "" : std::string(kHead)) + std::string(bad.text);
    const auto recipe = ParseRecipe(text, "tiny.yaml");
    ASSERT_FALSE(recipe) << text;
    EXPECT_EQ(recipe.error().code, Code::kInvalid);
    EXPECT_EQ(recipe.error().message, bad.message) << text;
  }
}

TEST(RecipeTest, ADuplicateKeyIsRefusedWithItsLine) {
  const auto recipe = ParseRecipe(std::string(kHead) + "cwd: /root\ncwd: /srv\n", "tiny.yaml");
  ASSERT_FALSE(recipe);
  EXPECT_THAT(recipe.error().message, HasSubstr("tiny.yaml:5: duplicate key"));
}

TEST(RecipeTest, ARecipeAddsToTheOneItExtends) {
  const auto recipe = LoadRecipe(
      "child",
      Reader({{"base", Named("base",
                             "suite: bookworm\npackages: [bash, jq]\nenv: {A: '1', B: '1'}\n"
                             "files: [{path: /a, content: old}, {path: /b, content: b}]\n"
                             "commands: [first]\nminimum: {memory: 64MiB, processes: 9}\n")},
              {"child", Named("child",
                              "extends: base\npackages: [jq, git]\nenv: {B: '2'}\n"
                              "files: [{path: /a, content: new}]\ncommands: [second]\n"
                              "minimum: {memory: 128MiB}\nboot: /boot-me\n")}}));
  ASSERT_TRUE(recipe) << recipe.error().message;
  EXPECT_EQ(recipe->name, "child");
  EXPECT_EQ(recipe->suite, "bookworm");
  EXPECT_THAT(recipe->packages, ElementsAre("bash", "jq", "git"));
  EXPECT_THAT(recipe->commands, ElementsAre("first", "second"));
  EXPECT_EQ(recipe->env, (std::map<std::string, std::string>{{"A", "1"}, {"B", "2"}}));
  ASSERT_EQ(recipe->files.size(), 2U);
  EXPECT_EQ(recipe->files[1].content, "new");
  EXPECT_EQ(recipe->minimum, (MinimumLimits{.memory = 128_MiB, .disk = {}, .process_count = 9}));
  EXPECT_EQ(recipe->boot, "/boot-me");
  EXPECT_EQ(recipe->cwd, "/root");
  EXPECT_THAT(recipe->extends, IsEmpty());
}

TEST(RecipeTest, ARecipeThatExtendsItselfIsRefused) {
  const auto recipe = LoadRecipe("loop", Reader({{"loop", Named("loop", "extends: loop\n")}}));
  ASSERT_FALSE(recipe);
  EXPECT_EQ(recipe.error().message, "recipe 'loop' extends more than 3 others, or itself");
}

TEST(RecipeTest, ARecipeCannotExtendOneOfAnotherSuite) {
  const auto recipe =
      LoadRecipe("child", Reader({{"base", Named("base", "suite: bookworm\n")},
                                  {"child", Named("child", "extends: base\nsuite: trixie\n")}}));
  ASSERT_FALSE(recipe);
  EXPECT_EQ(recipe.error().message,
            "recipe 'child': suite: must be 'bookworm', as in the recipe that it extends");
}

TEST(RecipeTest, AFileMustBeNamedAsItsRecipe) {
  const auto recipe = LoadRecipe("one", Reader({{"one", Named("two", "suite: trixie\n")}}));
  ASSERT_FALSE(recipe);
  EXPECT_EQ(recipe.error().message, "one.yaml:1: name: must be 'one', as the file is called");
}

std::string KeyOf(std::string_view text) {
  const auto recipe = LoadRecipe("tiny", Reader({{"tiny", std::string(text)}}));
  return recipe ? CanonicalText(*recipe) : recipe.error().message;
}

TEST(RecipeTest, TheCanonicalTextIgnoresHowARecipeIsWritten) {
  const std::string plain = KeyOf(std::string(kHead) + "packages: [bash, jq]\nenv: {A: x, B: y}\n");
  EXPECT_EQ(plain, KeyOf("# a comment\nsuite: 'bookworm'\nenv:\n  B: y\n  A: \"x\"\n"
                         "packages:\n- jq\n- bash\nname: tiny\n"
                         "description: {en: Other words, zh: 别的}\ncwd: /root\n"));
}

TEST(RecipeTest, TheCanonicalTextDiffersWithEverythingThatMattersInside) {
  const std::string plain = KeyOf(kHead);
  for (const std::string_view change :
       {"packages: [jq]\n", "files: [{path: /a, content: ''}]\n", "commands: ['true']\n",
        "env: {A: x}\n", "cwd: /srv\n", "boot: /x\n"}) {
    EXPECT_NE(plain, KeyOf(std::string(kHead) + std::string(change))) << change;
  }
}

// Were this to change by accident, every host would build every image anew.
TEST(RecipeTest, TheCanonicalTextStaysAsItIs) {
  EXPECT_EQ(KeyOf(std::string(kHead) + "packages: [jq]\nenv: {A: x}\n"),
            "name:4:tiny\nsuite:8:bookworm\npackage:2:jq\nenv:1:A\nvalue:1:x\ncwd:5:/root\n"
            "boot:0:\n");
  EXPECT_EQ(Sha256(""), "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

}  // namespace
}  // namespace paddock::images
