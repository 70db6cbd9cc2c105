// What the command line promises.

#include "gate/arguments.h"

#include <gtest/gtest.h>

namespace apim::gate {
namespace {

std::expected<Arguments, std::string> parse(std::vector<std::string> words) {
  words.insert(words.begin(), "apim-gateway");
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  return parse_arguments(pointers);
}

TEST(Arguments, FileAndOverrides) {
  const auto arguments = parse({"--config", "a.toml", "--set", "a.b=1", "--set", "c.d=2"});
  ASSERT_TRUE(arguments);
  EXPECT_EQ(arguments->wish, Arguments::Wish::Serve);
  EXPECT_EQ(arguments->config_file, "a.toml");
  EXPECT_EQ(arguments->overrides, (std::vector<std::string>{"a.b=1", "c.d=2"}));
}

TEST(Arguments, TheProcessToReplace) {
  EXPECT_EQ(parse({"--replaces", "4711"})->replaces, 4711);
  EXPECT_EQ(parse({})->replaces, 0);
}

TEST(Arguments, Wishes) {
  EXPECT_EQ(parse({"--help"})->wish, Arguments::Wish::Help);
  EXPECT_EQ(parse({"--version"})->wish, Arguments::Wish::Version);
  EXPECT_EQ(parse({"--print-config"})->wish, Arguments::Wish::PrintConfig);
}

TEST(Arguments, MistakesAreNamed) {
  EXPECT_EQ(parse({"--config"}).error(), "--config needs a value");
  EXPECT_EQ(parse({"--replaces", "12x"}).error(), "--replaces needs a process id, not '12x'");
  EXPECT_EQ(parse({"--replaces", "0"}).error(), "--replaces needs a process id, not '0'");
  EXPECT_EQ(parse({"--frob"}).error(), "unknown argument --frob; --help lists them");
}

}  // namespace
}  // namespace apim::gate
