// What Output promises: tables that line up, nothing foreign that steers a terminal.

#include "cli/output.h"

#include <gtest/gtest.h>

#include <sstream>

namespace apim::cli {
namespace {

struct Streams {
  std::ostringstream out;
  std::ostringstream err;
  Output output;
  Streams() {
    output.out = &out;
    output.err = &err;
  }
};

TEST(Output, ColumnsAreAsWideAsTheirWidestCell) {
  Streams streams;
  streams.output.table({"A", "LONG"}, {{"wide cell", "x"}, {"é", "y"}}, "none");
  EXPECT_EQ(streams.out.str(), "A          LONG\nwide cell  x\né          y\n");
}

TEST(Output, ARowsColourIsOursTheCellsAreTamed) {
  Streams streams;
  streams.output.out_is_terminal = true;
  streams.output.table({"A"}, {{"x\033[0m"}, {"y"}}, "none", {Colour::Bad, Colour::Plain});
  EXPECT_TRUE(streams.out.str().ends_with("\033[31mx?[0m\033[0m\ny\n"));
}

TEST(Output, AnEmptyTableSaysSo) {
  Streams streams;
  streams.output.table({"A"}, {}, "none yet");
  EXPECT_EQ(streams.out.str(), "none yet\n");
}

TEST(Output, ColoursAreForTerminalsOnly) {
  Streams streams;
  EXPECT_EQ(streams.output.paint(Colour::Good, "x"), "x");
  streams.output.out_is_terminal = true;
  EXPECT_EQ(streams.output.paint(Colour::Good, "x"), "\033[32mx\033[0m");
  streams.output.as_json = true;
  EXPECT_EQ(streams.output.paint(Colour::Good, "x"), "x");
}

TEST(Output, ProgramsGetJsonAndNothingElse) {
  Streams streams;
  streams.output.as_json = true;
  streams.output.line("for people");
  streams.output.json({{"a", "\xff"}});
  EXPECT_EQ(nlohmann::json::parse(streams.out.str())["a"], "\xEF\xBF\xBD");
}

TEST(Output, ForeignTextDoesNotSteerTheTerminal) {
  EXPECT_EQ(tame("a\033[31mb\r\n\tc\x7f"), "a?[31mb???c?");
}

TEST(Output, TimesAreInUtc) {
  EXPECT_EQ(show_time(0), "-");
  EXPECT_EQ(show_time(1'700'000'000'000), "2023-11-14 22:13:20Z");
}

TEST(Output, ProgressIsSilentWithoutATerminal) {
  Streams streams;
  { const Progress progress(streams.output, "deploying"); }
  EXPECT_EQ(streams.err.str(), "");
}

}  // namespace
}  // namespace apim::cli
