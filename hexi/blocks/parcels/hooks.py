"""What parcels announce."""

from hexi.kernel.hooks import Hook

delivered = Hook("parcels.delivered", ("parcel", "by"), "In the receiver's hands, with proof: who took it, when.")
returned = Hook("parcels.returned", ("parcel", "by"), "Came back to the sender; somebody must arrange it anew.")
courier_wanted = Hook("parcels.courier_wanted", ("parcel",), "The courier is to be asked something; done later.")
