#pragma once

#include <cstdint>
#include <deque>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "gcstreamd/core/audit_record.hpp"
#include "gcstreamd/core/types.hpp"

namespace gcstreamd {

/// How much a record of this type matters.
enum class Severity {
  info,
  warning,  ///< mends itself, perhaps
  error,    ///< lost something, or will not go on without somebody
};

Severity severity(std::string_view record_type);
std::string_view name(Severity severity);

/// What to do next about a record of this type, where the record itself does not say; "" where
/// nothing is to be done.
std::string_view next_step(std::string_view record_type);

/// A record's own fields, with what to do next as `hint` where they have none.
nlohmann::ordered_json fields_for_people(const AuditRecord& record);

/// What a stream's records told lately, for people: two short lists, so that many faults of the
/// connection do not push out the one loss. Previews of messages are left out: who reads this may
/// not be who may read the audit log.
class Incidents {
 public:
  struct Incident {
    WallTime first{};
    WallTime last{};
    std::uint64_t count = 1;  ///< the same, one after the other
    std::string type;
    std::string fields;  ///< a JSON object: those of the record that people need
  };

  void on(const AuditRecord& record, WallTime now);

  /// What concerns the sequence: gaps, losses, duplicates, resets; the newest last.
  const std::deque<Incident>& timeline() const { return timeline_; }
  /// Everything that is a warning or an error, the newest last.
  const std::deque<Incident>& faults() const { return faults_; }

  static constexpr std::size_t kMost = 50;
  static constexpr std::size_t kLongest = 2000;  ///< bytes of the fields

 private:
  static void add(std::deque<Incident>& list, Incident incident);

  std::deque<Incident> timeline_;
  std::deque<Incident> faults_;
};

}  // namespace gcstreamd
