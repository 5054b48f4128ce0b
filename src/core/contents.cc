#include "core/contents.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/remote_text.h"

namespace tidemark::core {
namespace {

constexpr int kMajor = 10'000;  // of a version number

class Comparison {
 public:
  std::vector<Problem> take() {
    std::stable_sort(problems_.begin(), problems_.end(),
                     [](const Problem& a, const Problem& b) { return a.severity > b.severity; });
    return std::move(problems_);
  }

  void versions(int recorded, int found) {
    const std::string both = fmt::format("the server is PostgreSQL {}, and the point recorded {}",
                                         version_text(found), version_text(recorded));
    if (found / kMajor < recorded / kMajor)
      add(Severity::critical, both);
    else if (found != recorded)
      add(Severity::note, both);
  }

  void database(const DatabaseContents& recorded, const DatabaseContents* found) {
    if (found == nullptr)
      return add(Severity::critical, fmt::format("database {} is missing", recorded.name));
    name_ = recorded.name;
    if (!recorded.unread.empty()) return;  // there is nothing to compare with
    if (!found->unread.empty())
      return about(Severity::warning, fmt::format("could not be read: {}", found->unread));
    extensions(recorded, *found);
    tables(recorded, *found);
    totals(recorded, *found);
  }

 private:
  void add(Severity severity, std::string_view message) {
    problems_.push_back(Problem{severity, clean_remote_text(message), {}});  // it holds their names
  }
  void about(Severity severity, std::string_view message) {
    add(severity, fmt::format("database {}: {}", name_, message));
  }

  void extensions(const DatabaseContents& recorded, const DatabaseContents& found) {
    for (const auto& [extension, version] : recorded.extensions) {
      const auto match = found.extensions.find(extension);
      if (match == found.extensions.end())
        about(Severity::critical, fmt::format("extension {} is missing", extension));
      else if (match->second != version)
        about(Severity::note, fmt::format("extension {} is {}, and the point recorded {}",
                                          extension, match->second, version));
    }
  }

  void tables(const DatabaseContents& recorded, const DatabaseContents& found) {
    std::map<std::string_view, const TableContents*> by_name;
    for (const TableContents& table : found.largest) by_name[table.name] = &table;
    std::size_t not_listed = 0;
    for (const TableContents& table : recorded.largest) {
      const auto match = by_name.find(table.name);
      if (match != by_name.end())
        rows(fmt::format("table {}", table.name), table.rows, match->second->rows);
      else if (found.listed_whole())
        about(Severity::critical, fmt::format("table {} is missing", table.name));
      else
        ++not_listed;
    }
    if (not_listed > 0)
      about(Severity::note,
            fmt::format("{} recorded tables were not looked for: there are {} tables here, and "
                        "only the {} largest were listed",
                        not_listed, found.tables, found.largest.size()));
  }

  void totals(const DatabaseContents& recorded, const DatabaseContents& found) {
    if (!recorded.listed_whole() && found.tables < recorded.tables)
      about(Severity::warning, fmt::format("holds {} tables, and the point recorded {}",
                                           found.tables, recorded.tables));
    // With tables that nobody knows the size of, a sum says nothing.
    if (recorded.tables_unknown == 0 && found.tables_unknown == 0)
      rows("all tables together", recorded.rows, found.rows);
    if (recorded.bytes >= kBytesCompared && found.bytes < recorded.bytes / 2)
      about(Severity::warning,
            fmt::format("holds {} bytes, and the point recorded {}", found.bytes, recorded.bytes));
  }

  void rows(const std::string& what, std::optional<std::int64_t> recorded,
            std::optional<std::int64_t> found) {
    if (!recorded) return;
    if (!found) {
      about(Severity::note,
            fmt::format("{}: the number of rows is not known until ANALYZE has run; the point "
                        "recorded about {}",
                        what, *recorded));
    } else if (*found < *recorded / 2 || (*found == 0 && *recorded > 0)) {
      about(*recorded >= kRowsCompared ? Severity::critical : Severity::warning,
            *found == 0
                ? fmt::format("{}: no rows, and the point recorded about {}", what, *recorded)
                : fmt::format("{}: about {} rows, and the point recorded about {}", what, *found,
                              *recorded));
    } else if (*found / 2 > *recorded && *found >= kRowsCompared) {
      about(Severity::note, fmt::format("{}: about {} rows, and the point recorded only about {}",
                                        what, *found, *recorded));
    }
  }

  std::vector<Problem> problems_;
  std::string name_;
};

}  // namespace

ServerContents abridged(ServerContents contents, std::size_t tables_max) {
  for (DatabaseContents& database : contents.databases)
    if (database.largest.size() > tables_max) database.largest.resize(tables_max);
  return contents;
}

std::string version_text(int version) {
  return fmt::format("{}.{}", version / kMajor, version % kMajor);
}

std::vector<Problem> compare_contents(const ServerContents& recorded, const ServerContents& found) {
  Comparison comparison;
  comparison.versions(recorded.version, found.version);
  for (const DatabaseContents& database : recorded.databases) {
    const auto match =
        std::find_if(found.databases.begin(), found.databases.end(),
                     [&](const DatabaseContents& other) { return other.name == database.name; });
    comparison.database(database, match == found.databases.end() ? nullptr : &*match);
  }
  return comparison.take();
}

}  // namespace tidemark::core
