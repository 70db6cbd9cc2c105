// KeptFields: the fields of an API document that are checked and kept, but that no decision reads.

#pragma once

#include "model/field.h"

namespace apim::model {

// Types and allowed values of every such field (reference 1.4), and a warning for each that would
// change what the gateway does if it were enforced.
void check_kept_fields(const Field& data);

}  // namespace apim::model
