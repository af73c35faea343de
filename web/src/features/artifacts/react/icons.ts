/** The icons of lucide-react for the frame; a script of its own, for the components that use them. */
import * as icons from "lucide-react";
import { strict } from "./module";

declare const freehold: { modules: Record<string, unknown> };

freehold.modules["lucide-react"] = strict("lucide-react", icons);
