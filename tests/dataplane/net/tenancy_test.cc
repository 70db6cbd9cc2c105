// What tenancy promises: departed() exactly once, from the loop, after every handle is closed.

#include "net/tenancy.h"

#include <gtest/gtest.h>

namespace apim::net {
namespace {

struct Resident {
  uv_tcp_t tcp;
  uv_timer_t timer;
  Tenancy<Resident, 2> tenancy;
  int departures = 0;
  static void departed(Resident* self) { ++self->departures; }
};

TEST(Tenancy, DepartsOnceAndNeverFromInsideLeave) {
  uv_loop_t loop;
  ASSERT_EQ(uv_loop_init(&loop), 0);
  Resident resident;
  ASSERT_EQ(uv_tcp_init(&loop, &resident.tcp), 0);
  resident.tenancy.admit(&resident, reinterpret_cast<uv_handle_t*>(&resident.tcp));
  ASSERT_EQ(uv_timer_init(&loop, &resident.timer), 0);
  resident.tenancy.admit(&resident, reinterpret_cast<uv_handle_t*>(&resident.timer));
  EXPECT_FALSE(resident.tenancy.leaving());
  resident.tenancy.leave();
  resident.tenancy.leave();
  EXPECT_TRUE(resident.tenancy.leaving());
  EXPECT_EQ(resident.departures, 0);
  uv_run(&loop, UV_RUN_DEFAULT);
  EXPECT_EQ(resident.departures, 1);
  EXPECT_EQ(uv_loop_close(&loop), 0);
}

}  // namespace
}  // namespace apim::net
