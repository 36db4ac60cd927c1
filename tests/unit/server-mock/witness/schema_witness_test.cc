#include "server-mock/witness/schema_witness.h"

#include <gmock/gmock.h>

#include "shared/plist/plist.h"
#include "tests/unit/server-mock/store/store_fixture.h"

namespace understudy::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class SchemaWitnessTest : public StoreTest {
 protected:
  void know(const std::string& product, const std::string& os) {
    DeviceRecord device;
    device.id = "D1";
    device.product_name = product;
    device.os_version = os;
    must(store_->put_device(device));
  }
  std::vector<std::string> problems(plist::Dict command, const std::string& id = "D1") {
    const plist::Dict message = {{"CommandUUID", "U1"}, {"Command", std::move(command)}};
    return must(witness().problems_of_command(id, must(plist::write_xml(message))));
  }
  std::int64_t heard(plist::Dict message) {
    message.emplace("UDID", "D1");
    witness().hear(message);
    const auto counters = must(store_->counters());
    const auto found = counters.find("schema_problems");
    return found == counters.end() ? 0 : found->second;
  }
  void send(const std::string& request_type) {
    CommandRecord command;
    command.uuid = "U1";
    command.device_id = "D1";
    command.request_type = request_type;
    command.body = "<x/>";
    must(store_->put_command(command));
  }
  SchemaWitness witness() { return SchemaWitness(*store_); }
};

TEST_F(SchemaWitnessTest, NamesWhatIsWrongWithACommand) {
  know("iPhone15,2", "18.1");
  EXPECT_THAT(problems({{"RequestType", "DeviceLock"}, {"Message", "x"}}), IsEmpty());
  EXPECT_THAT(problems({{"RequestType", "DeviceLock"}, {"Message", 5}}),
              ElementsAre(HasSubstr("Command.Message")));
  EXPECT_THAT(problems({{"RequestType", "InstallProfile"}}),
              ElementsAre(HasSubstr("Command.Payload")));
  EXPECT_THAT(problems({{"RequestType", "SetFirmwarePassword"}, {"NewPassword", "x"}}),
              ElementsAre(HasSubstr("SetFirmwarePassword")));
}

TEST_F(SchemaWitnessTest, TakesTheDeviceToBeWhatTheCommandNeeds) {
  know("iPad13,16", "18.1");
  EXPECT_THAT(problems({{"RequestType", "EnableLostMode"}, {"Message", "x"}}), IsEmpty());
  EXPECT_THAT(problems({{"RequestType", "UserList"}}), IsEmpty()) << "it may be a Shared iPad";
  know("iPhone15,2", "18.1");
  EXPECT_THAT(problems({{"RequestType", "UserList"}}), testing::Not(IsEmpty()));
}

TEST_F(SchemaWitnessTest, SaysNothingOfADeviceThatItCannotPlace) {
  EXPECT_THAT(problems({{"RequestType", "Nonsense"}}), IsEmpty()) << "nobody knows it";
  know("Toaster1,1", "1.0");
  EXPECT_THAT(problems({{"RequestType", "Nonsense"}}), IsEmpty());
}

TEST_F(SchemaWitnessTest, CountsWhatIsWrongWithAMessage) {
  know("iPhone15,2", "18.1");
  send("DeviceInformation");
  EXPECT_EQ(heard({{"Status", "Idle"}}), 0);
  EXPECT_EQ(heard({{"Status", "NotNow"}, {"CommandUUID", "U1"}}), 0);
  EXPECT_EQ(heard({{"Status", "Acknowledged"},
                   {"CommandUUID", "U1"},
                   {"QueryResponses", plist::Dict{{"DeviceName", "x"}}}}),
            0);
  EXPECT_EQ(heard({{"Status", "Acknowledged"},
                   {"CommandUUID", "U1"},
                   {"QueryResponses", plist::Dict{{"DeviceName", 7}}}}),
            1);
  EXPECT_EQ(heard({{"MessageType", "CheckOut"}}), 2) << "it has no Topic";
}

}  // namespace
}  // namespace understudy::server
