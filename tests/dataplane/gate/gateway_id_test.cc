// What the gateway's name promises: valid as a file name, and the same after a restart.

#include "gate/gateway_id.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

namespace apim::gate {
namespace {

TEST(GatewayId, AConfiguredOneIsCheckedAndTaken) {
  EXPECT_EQ(gateway_id("gw-1.a_B", ""), "gw-1.a_B");
  for (const char* bad : {"a b", "../x", "a/b", ".x", "\xe4"})
    EXPECT_FALSE(gateway_id(bad, "")) << bad;
  EXPECT_FALSE(gateway_id(std::string(129, 'a'), ""));
}

TEST(GatewayId, AMadeOneIsKept) {
  const auto folder =
      std::filesystem::temp_directory_path() / ("apim-id-" + std::to_string(getpid()));
  const auto first = gateway_id("", folder / "new" / "cache");
  ASSERT_TRUE(first);
  EXPECT_EQ(gateway_id("", folder / "new" / "cache"), *first);
  EXPECT_TRUE(first->starts_with(host_name()));
  std::filesystem::remove_all(folder);
}

TEST(GatewayId, AFolderThatCannotBeWrittenIsAnError) {
  EXPECT_FALSE(gateway_id("", "/proc/nothing/here"));
}

}  // namespace
}  // namespace apim::gate
