"""What money announces."""

from hexi.kernel.hooks import Hook

paid = Hook("money.paid", ("charge", "by"), "A charge is paid, or nothing of it is left to pay.")
refunded = Hook("money.refunded", ("refund", "by"), "Money went back to the payer (refund.payment.charge).")
