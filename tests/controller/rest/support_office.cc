// The controller below REST is the one the service tests use.

#include "controller/service/support_office.cc"  // NOLINT(bugprone-suspicious-include)
