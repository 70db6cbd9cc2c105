// Migrate: brings a database's tables to the schema this binary knows.
//
// schemas/database/NNNN_name.sql are embedded at build time. The first line of each says whose
// tables it makes: `--@database apim` or `--@database shared`. A statement ends with ';' at the end
// of a line; one preceded by `--@sqlite` or `--@postgres` is for that database only; `{text}` is
// the type of a text column. Each migration is one transaction that also records number and
// checksum.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "store/database.h"

namespace apim::store {

struct MigrationFile {
  uint32_t number = 0;
  std::string name;  // "0001_apis"
  std::string text;
};

// Those built into this binary, by number.
const std::vector<MigrationFile>& embedded_migrations();

// Applies what is missing for these roles, in order. Refuses a database that has migrations this
// binary does not know, or knows with another text. Controllers starting together take turns.
// Answers how many were applied.
Result<uint32_t> migrate(Database& database, const std::vector<Role>& roles,
                         const std::vector<MigrationFile>& files = embedded_migrations());

}  // namespace apim::store
