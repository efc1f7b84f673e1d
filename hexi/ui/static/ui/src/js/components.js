// Small Alpine components: x-data="toggle" and x-data="counter".

export const toggle = () => ({
  open: false,
  flip() {
    this.open = !this.open;
  },
});

// characters left in the field marked x-ref="text", from its maxlength
export const counter = () => ({
  left: 0,
  init() {
    this.count();
  },
  count() {
    this.left = this.$refs.text.maxLength - this.$refs.text.value.length;
  },
});
