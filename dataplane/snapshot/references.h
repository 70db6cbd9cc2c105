// References: whether every id that one segment names stands in the segment that should have it.

#pragma once

#include <vector>

#include "snapshot/image.h"
#include "snapshot/refusal.h"
#include "snapshot/shards.h"

namespace apim::snapshot {

class ReferenceCheck {
 public:
  explicit ReferenceCheck(const Image& image) : image_(image) {}

  Checked<void> routes(const fbs::Routes& routes) const;     // -> apis
  Checked<void> apis(const IdShard<fbs::Api>& shard) const;  // -> advanced policies
  Checked<void> consumers(
      const IdShard<fbs::Application>& shard) const;  // -> application, subscription policies
  Checked<void> keys(const KeyShard& shard) const;    // -> applications
  Checked<void> standing_policies() const;            // those found by name can be enforced

  // Whether no id of `before` has gone in `now`.
  template <class Table>
  static bool covers(const std::vector<IdShard<Table>>& before,
                     const std::vector<IdShard<Table>>& now);

 private:
  Checked<void> policy(uint32_t policy_id, fbs::PolicyLevel level) const;

  const Image& image_;
};

}  // namespace apim::snapshot
