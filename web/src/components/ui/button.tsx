import type { ComponentProps } from "react";

type Variant = "primary" | "outline" | "ghost" | "danger";

export interface ButtonProps extends ComponentProps<"button"> {
  variant?: Variant;
  small?: boolean;
}

/** A button with a word. One `primary` per view. */
export function Button({
  variant = "outline",
  small,
  className = "",
  type = "button",
  ...rest
}: ButtonProps) {
  return (
    <button type={type} className={`btn btn-${variant} ${small ? "btn-sm" : ""} ${className}`} {...rest} />
  );
}
