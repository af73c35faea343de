import { useParams } from "@tanstack/react-router";
import { NewChatPage } from "./new-chat-page";
import { ThreadPage } from "./thread-page";

/** `/` and `/c/$threadId` */
export function ChatPage() {
  const { threadId } = useParams({ strict: false });
  // the key gives every chat its own scroll position, draft and editor
  return threadId ? <ThreadPage key={threadId} threadId={threadId} /> : <NewChatPage />;
}
