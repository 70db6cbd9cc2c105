#include "store/migrate.h"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <map>

#include "store/text.h"

namespace apim::store {
namespace {

struct Statement {
  std::string sql;
  std::string only;  // "", "sqlite" or "postgres"
};

std::string trimmed(const std::string& line) {
  const size_t first = line.find_first_not_of(" \t\r");
  if (first == std::string::npos) return "";
  return line.substr(first, line.find_last_not_of(" \t\r") - first + 1);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (size_t start = 0; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

std::string with_types(std::string sql, Dialect dialect) {
  // The same order of texts in both: by bytes.
  const std::string type = dialect == Dialect::Sqlite ? "TEXT" : "TEXT COLLATE \"C\"";
  constexpr std::string_view kPlace = "{text}";
  for (size_t at = sql.find(kPlace); at != std::string::npos; at = sql.find(kPlace, at)) {
    sql.replace(at, kPlace.size(), type);
  }
  return sql;
}

std::vector<std::string> statements_of(const std::string& text, Dialect dialect) {
  const std::string mine = dialect == Dialect::Sqlite ? "sqlite" : "postgres";
  std::vector<std::string> statements;
  Statement current;
  for (const std::string& raw : lines_of(text)) {
    const std::string line = trimmed(raw);
    if (line == "--@sqlite" || line == "--@postgres") current.only = line.substr(3);
    if (line.empty() || line.starts_with("--")) continue;
    current.sql += raw + "\n";
    if (!line.ends_with(';')) continue;
    if (current.only.empty() || current.only == mine) {
      statements.push_back(with_types(current.sql.substr(0, current.sql.rfind(';')), dialect));
    }
    current = {};
  }
  assert(current.sql.empty());  // a migration ends with its last statement's ';'
  return statements;
}

Result<Role> role_of(const MigrationFile& file) {
  if (file.text.starts_with("--@database apim\n")) return Role::Apim;
  if (file.text.starts_with("--@database shared\n")) return Role::Shared;
  return model::refuse(
      model::internal_error("migration " + file.name +
                            " does not begin with '--@database apim' or '--@database shared'"));
}

std::string checksum_of(const std::string& text) {
  std::array<uint8_t, crypto_hash_sha256_BYTES> digest{};
  crypto_hash_sha256(digest.data(), reinterpret_cast<const unsigned char*>(text.data()),
                     text.size());
  return to_hex(digest);
}

using Applied = std::map<uint32_t, std::pair<std::string, std::string>>;  // name, checksum

// A role without the right to make tables may still start a controller on a migrated database.
Result<void> make_record(Transaction& tx) {
  ASSIGN_OR_REFUSE(
      const int64_t known,
      tx.number(tx.dialect() == Dialect::Sqlite
                    ? "SELECT COUNT(*) FROM sqlite_master WHERE name = 'apim_migration'"
                    : "SELECT COUNT(*) FROM information_schema.tables WHERE table_name = "
                      "'apim_migration' AND table_schema = current_schema()"));
  if (known > 0) return {};
  CHECK_OR_REFUSE(
      tx.run("CREATE TABLE apim_migration (number BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum "
             "TEXT NOT NULL, applied_ms BIGINT NOT NULL)"));
  return {};
}

Result<Applied> applied_in(Transaction& tx) {
  CHECK_OR_REFUSE(make_record(tx));
  Applied applied;
  CHECK_OR_REFUSE((tx.each<int64_t, std::string, std::string>(
      "SELECT number, name, checksum FROM apim_migration ORDER BY number", {},
      [&](int64_t number, std::string name, std::string checksum) {
        applied[static_cast<uint32_t>(number)] = {std::move(name), std::move(checksum)};
      })));
  return applied;
}

// Every migration the database has must be one this binary knows, word for word.
Result<void> check_known(const Applied& applied, const std::vector<MigrationFile>& files) {
  for (const auto& [number, recorded] : applied) {
    const auto& [name, checksum] = recorded;
    const auto known = std::find_if(files.begin(), files.end(), [&](const MigrationFile& file) {
      return file.number == number;
    });
    if (known == files.end()) {
      return model::refuse(model::internal_error(
          "the database has migration " + name +
          ", which this controller does not know: it is older than the database; upgrade it"));
    }
    if (known->name != name || checksum_of(known->text) != checksum) {
      return model::refuse(model::internal_error(
          "migration " + name + " was applied to the database with another text than " +
          known->name + " has here; this controller does not fit the database"));
    }
  }
  return {};
}

// One migration in the caller's transaction. Answers whether there was something to do.
Result<bool> apply(Transaction& tx, const MigrationFile& file,
                   const std::vector<MigrationFile>& files) {
  ASSIGN_OR_REFUSE(const Applied applied, applied_in(tx));
  CHECK_OR_REFUSE(check_known(applied, files));
  if (applied.contains(file.number)) return false;
  for (const std::string& statement : statements_of(file.text, tx.dialect())) {
    if (auto done = tx.run(statement); !done) {
      Problem problem = std::move(done.error());
      problem.description = "migration " + file.name + ": " + problem.description;
      return model::refuse(std::move(problem));
    }
  }
  CHECK_OR_REFUSE(
      tx.run("INSERT INTO apim_migration (number, name, checksum, applied_ms) VALUES (?, ?, ?, ?)",
             {int64_t{file.number}, file.name, checksum_of(file.text), tx.now_ms()}));
  return true;
}

}  // namespace

Result<uint32_t> migrate(Database& database, const std::vector<Role>& roles,
                         const std::vector<MigrationFile>& files) {
  assert(!roles.empty());
  assert(std::is_sorted(files.begin(), files.end(), [](const auto& left, const auto& right) {
    return left.number < right.number;
  }));
  // Refuse before touching anything.
  CHECK_OR_REFUSE(database.write([&](Transaction& tx) -> Result<void> {
    ASSIGN_OR_REFUSE(const Applied applied, applied_in(tx));
    return check_known(applied, files);
  }));
  uint32_t count = 0;
  for (const MigrationFile& file : files) {
    ASSIGN_OR_REFUSE(const Role role, role_of(file));
    if (std::find(roles.begin(), roles.end(), role) == roles.end()) continue;
    ASSIGN_OR_REFUSE(const bool done,
                     database.write([&](Transaction& tx) { return apply(tx, file, files); }));
    if (done) ++count;
  }
  return count;
}

}  // namespace apim::store
