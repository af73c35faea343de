/* Gives /app/data to user 10001 when it is an empty folder of root's.
 *
 * `docker run -v ./data:/app/data` makes ./data as root when it is not there, and the server, which is not root, could
 * not write into it. The image gives this program, and nothing else, the capability to change an owner. It takes no
 * arguments, and touches one fixed path, only while that is empty and root's: nobody's files change hands. Afterwards
 * only the server can read the folder.
 * Exit status: 0 when the folder is the server's now or always was, 1 when it is not.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SERVER 10001

int main(void)
{
    struct stat is;
    struct dirent *entry;
    DIR *folder;
    int fd = open("/app/data", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &is) != 0)
        return 1;
    if (is.st_uid == SERVER)
        return 0;
    if (is.st_uid != 0)
        return 1;
    folder = fdopendir(fd);
    if (folder == NULL)
        return 1;
    while ((entry = readdir(folder)) != NULL)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            return 1;
    return fchown(fd, SERVER, SERVER) == 0 && fchmod(fd, 0700) == 0 ? 0 : 1;
}
